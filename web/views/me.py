"""What a person allowed and gave, study by study; taking it back, and leaving."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.models import Judgment
from releases.actions.withdrawing import leave_study, withdraw_scope
from releases.models import Erasure
from studies.actions.consents import give_consent
from studies.models import ConsentScope, Participant
from web.consent import SCOPES
from web.limits import limited
from web.participants import participant_or_404, participants_of
from web.taking_back import WHAT_FOLLOWS, page_to_allow, scopes_with


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """A line for each study, which leads to what is held there."""
    participants = list(participants_of(request))
    rows = Judgment.objects.filter(rater__participant__in=participants)
    counts = dict(rows.values_list("rater__participant").annotate(n=Count("pk")).order_by())
    erasures = Erasure.objects.filter(subject__in=[row.pk for row in participants])
    being_erased = {erasure.subject: erasure for erasure in erasures}
    studies = [
        {
            "study": participant.study,
            "participant": participant,
            "answers": counts.get(participant.pk, 0),
            "erasure": being_erased.get(participant.pk),
        }
        for participant in participants
    ]
    return render(request, "me/page.html", {"studies": studies})


@limited("rights", "60/m")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """What taking back one scope means, and taking it back, from now on."""
    participant = participant_or_404(request, slug)
    asked = request.POST if request.method == "POST" else request.GET
    scope = asked.get("scope", "")
    if request.method == "POST":
        return _withdraw(request, participant, scope)
    if not participant.consents.in_force(scope).exists():
        messages.error(request, _("There was nothing to take back."))
        return _to_consents(slug)
    context = {
        "study": participant.study,
        "scope": scope,
        "words": SCOPES[scope],
        "follows": WHAT_FOLLOWS[scope],
    }
    return render(request, "me/withdraw.html", context)


def _withdraw(request: HttpRequest, participant: Participant, scope: str) -> HttpResponse:
    if scope in ConsentScope.values and withdraw_scope(participant=participant, scope=scope):
        messages.success(request, _("Taken back. It no longer holds from now on."))
    else:
        messages.error(request, _("There was nothing to take back."))
    return _to_consents(participant.study.slug)


@limited("rights", "60/m")
@require_POST
def allow(request: HttpRequest, slug: str) -> HttpResponse:
    """Allow again what was taken back; taking part itself is asked at the study's door."""
    participant = participant_or_404(request, slug)
    scope = request.POST.get("scope", "")
    if page_to_allow(participant, scope) != "allow":
        messages.error(request, _("This can't be allowed here."))
        return _to_consents(slug)
    try:
        give_consent(participant=participant, scopes=scopes_with(participant, scope))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Allowed again, from now on."))
    return _to_consents(slug)


def _to_consents(slug: str) -> HttpResponse:
    return redirect(f"{reverse('me_study', args=[slug])}#allowed")


@limited("rights", "60/m")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """What leaving means, and leaving."""
    participant = participant_or_404(request, slug)
    if request.method != "POST":
        context = {"study": participant.study, "participant": participant}
        return render(request, "me/leave.html", context)
    leave_study(participant=participant)
    messages.success(request, _("You have left this study. Nothing more is asked of you."))
    return redirect("me")
