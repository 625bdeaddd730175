"""Reporting a concern, and for those who run the study, seeing to it."""

from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from studies.actions.concerns import LONGEST_CONCERN, path_of, report_concern, settle_concern
from studies.care import help_of
from studies.models import Participant
from studies.rules import can_manage, takes_part
from web.limits import limited
from web.participants import participant_or_404, signed_in
from web.views.researchers import researchers_only, study_or_404

LONGEST_LIST = 200
"""Concerns on one page; those open longest and those settled last."""


class ConcernForm(forms.Form):
    """What happened, and where."""

    text = forms.CharField(
        max_length=LONGEST_CONCERN,
        label=gettext_lazy("What is wrong, or worries you?"),
        widget=forms.Textarea({"rows": 7, "dir": "auto"}),
    )
    page = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)


@never_cache
@limited("concern", "20/h")
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to those who run the study; before consent there is only the contact below."""
    participant = participant_or_404(request, slug)
    if request.method == "POST":
        return _report(request, participant)
    initial = {"key": uuid4(), "page": path_of(request.GET.get("from", ""))}
    return _show(request, participant, ConcernForm(initial=initial))


def _show(request: HttpRequest, participant: Participant, form: ConcernForm) -> HttpResponse:
    context = {
        "study": participant.study,
        "help": help_of(participant.study, get_language() or ""),
        "form": form,
        "may_report": takes_part(participant),
        "is_sent": "sent" in request.GET,
        "back": path_of(request.GET.get("from", "")),
    }
    status = 422 if form.is_bound else 200
    return render(request, "concern/page.html", context, status=status)


def _report(request: HttpRequest, participant: Participant) -> HttpResponse:
    form = ConcernForm(request.POST)
    if not form.is_valid():
        return _show(request, participant, form)
    try:
        concern = report_concern(participant=participant, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error("text", refusal)
        return _show(request, participant, form)
    sent = {"sent": "", "from": concern.page}
    return redirect(reverse("concern", args=[participant.study.slug], query=sent))


@require_safe
@researchers_only
@never_cache
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """What people reported, the open ones first."""
    study, user = study_or_404(request, slug), signed_in(request)
    rows = study.concerns.select_related("participant").order_by("-at", "id")
    context = {
        "study": study,
        "open": rows.filter(settled_at__isnull=True).order_by("at", "id")[:LONGEST_LIST],
        "settled": rows.filter(settled_at__isnull=False)[:LONGEST_LIST],
        "may_manage": bool(user and can_manage(study, user)),
    }
    return render(request, "concern/list.html", context)


@require_POST
@researchers_only
def settle(request: HttpRequest, slug: str, concern: UUID) -> HttpResponse:
    """Somebody saw to it."""
    study, user = study_or_404(request, slug), signed_in(request)
    row = get_object_or_404(study.concerns.select_related("study"), pk=concern)
    if user is None:
        raise Http404
    settle_concern(concern=row, by=user)
    messages.success(request, _("Settled."))
    return redirect("concerns", slug=study.slug)
