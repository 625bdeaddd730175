"""What a person allowed and gave, study by study; taking it back, and leaving."""

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.models import Judgment
from releases.actions.withdrawing import leave_study, withdraw_scope
from releases.models import Erasure
from studies.models import Consent, ConsentScope, Participant
from web.consent import SCOPES
from web.participants import participant_or_404, participants_of
from web.taking_back import WHAT_FOLLOWS


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Each study with its consents and the number of answers given there."""
    consents = Prefetch("consents", Consent.objects.order_by("scope", "given_at"))
    participants = list(participants_of(request).prefetch_related(consents))
    rows = Judgment.objects.filter(rater__participant__in=participants)
    counts = dict(rows.values_list("rater__participant").annotate(n=Count("pk")).order_by())
    erasures = Erasure.objects.filter(subject__in=[row.pk for row in participants])
    being_erased = {erasure.subject: erasure for erasure in erasures}
    studies = [
        {
            "study": participant.study,
            "participant": participant,
            "answers": counts.get(participant.pk, 0),
            "consents": consents_of(participant),
            "erasure": being_erased.get(participant.pk),
        }
        for participant in participants
    ]
    return render(request, "me/page.html", {"studies": studies})


def consents_of(participant: Participant) -> list[tuple[Consent, str, str]]:
    """Each consent with what it allows and what taking it back means, in words."""
    return [
        (row, str(SCOPES[row.scope]), str(WHAT_FOLLOWS[row.scope]))
        for row in participant.consents.all()
    ]


@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back one scope, from now on."""
    participant = participant_or_404(request, slug)
    scope = request.POST.get("scope", "")
    if scope in ConsentScope.values and withdraw_scope(participant=participant, scope=scope):
        messages.success(request, _("Taken back. It no longer holds from now on."))
    else:
        messages.error(request, _("There was nothing to take back."))
    return redirect("me")


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
