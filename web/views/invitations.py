"""A researcher's invitations into a study: making one and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from studies.actions.invitations import create_invitation, revoke_invitation
from studies.models import User
from studies.recruitment.invitations import invitations_of
from web.links import invitation_link
from web.participants import signed_in
from web.views.people import InvitationForm, show
from web.views.researchers import managed_study_or_404, researchers_only


@researchers_only
@never_cache
@require_POST
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Make one, and show its link this one time."""
    study = managed_study_or_404(request, slug)
    form = InvitationForm(request.POST, label_suffix="")
    if not form.is_valid():
        return show(request, study, status=422, invitation_form=form)
    try:
        _invitation, secret = create_invitation(study=study, by=_by(request), **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return show(request, study, status=422, invitation_form=form)
    return show(request, study, new_link=invitation_link(request, study, secret))


@researchers_only
@require_POST
def revoke(request: HttpRequest, slug: str, invitation: UUID) -> HttpResponse:
    """Let nobody in by it from now on."""
    study = managed_study_or_404(request, slug)
    found = get_object_or_404(invitations_of(study), pk=invitation)
    revoke_invitation(invitation=found, by=_by(request))
    messages.success(request, _("The invitation is taken back. Who came by it stays."))
    return redirect("people", slug=slug)


def _by(request: HttpRequest) -> User:
    user = signed_in(request)
    assert user is not None  # researchers_only let nobody else through
    return user
