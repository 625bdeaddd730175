"""Other ways through a study's door: an invitation, a link back, and saying no."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studies.actions.ending import renew_link
from studies.actions.visits import note_outcome
from studies.models import Participant, Study
from studies.recruitment.invitations import invitation_of, why_not
from studies.recruitment.models import Entry
from studies.recruitment.registry import admits_anyone
from studies.recruitment.resuming import participant_behind
from studies.recruitment.returning import NO_CONSENT, way_back_for
from web.arrivals import forget_way, keep_invitation, way_of
from web.limits import limited
from web.links import open_link_once
from web.participants import participant_in, participant_or_404, remember
from web.views.door import refused


@limited("secret_link", "60/m", per="address", reading=True)
@never_cache
@require_http_methods(["GET", "HEAD"])
def invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Keep an invitation and go on at an address without its secret."""
    study = get_object_or_404(Study, slug=slug)
    found = invitation_of(study, token)
    if found is None:
        raise Http404
    if participant_in(request, study):
        return redirect("door", slug=slug)
    if reason := why_not(found):
        return refused(request, study, reason, status=410)
    keep_invitation(request, study, found)
    return redirect("door", slug=slug)


@limited("secret_link", "60/m", per="address", reading=True)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Let a participant in on another device, once they press the button.

    Programs that look at links before people do only ask for the page.
    """
    study = get_object_or_404(Study, slug=slug)
    try:
        participant = participant_behind(study, token)
    except ValidationError as refusal:
        return refused(request, study, refusal.messages[0], status=410)
    if participant is None:
        raise Http404
    if request.method != "POST":
        return render(request, "door/back.html", {"study": study})
    remember(request.session, participant)
    forget_way(request, study)
    return redirect("door", slug=slug)


@limited("new_link", "20/h")
@require_POST
def new_link(request: HttpRequest, slug: str) -> HttpResponse:
    """End the links back that were shown so far, and show another."""
    participant = participant_or_404(request, slug)
    renew_link(participant=participant)
    messages.success(request, _("The links shown so far have ended. This is your new one."))
    open_link_once(request, participant)
    is_done = participant.outcome == Participant.Outcome.DONE
    return redirect("done" if is_done else "door", slug=slug)


@limited("entry", "60/m", per="address")
@never_cache
@require_POST
def decline(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that somebody said no, drop who it was, and lead them back to whoever sent them."""
    study = get_object_or_404(Study, slug=slug)
    if not study.document.get("consent"):
        raise Http404
    if participant_in(request, study):
        return redirect("me")
    try:
        way = way_of(request, study)
    except ValidationError as refusal:
        forget_way(request, study)
        return refused(request, study, refusal.messages[0], status=410)
    note_outcome(study=study, visitor=way.visitor, outcome=Entry.Outcome.DECLINED)
    forget_way(request, study)
    context = {
        "study": study,
        "back": way_back_for(study, way.arrival.panel, NO_CONSENT) if way.arrival else None,
        "may_read_again": admits_anyone(study),
    }
    return render(request, "door/declined.html", context)
