"""What a person allowed and gave, study by study, and taking it back."""

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotation.models import Judgment
from studies.actions.consents import withdraw_consent
from studies.models import Consent, ConsentScope
from web.consent import SCOPES
from web.participants import participant_or_404, participants_of


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Each study with its consents and the number of answers given there."""
    consents = Prefetch("consents", Consent.objects.order_by("scope", "given_at"))
    participants = list(participants_of(request).prefetch_related(consents))
    rows = Judgment.objects.filter(rater__participant__in=participants)
    counts = dict(rows.values_list("rater__participant").annotate(n=Count("pk")).order_by())
    studies = [
        {
            "study": participant.study,
            "pseudonym": participant.ref,
            "answers": counts.get(participant.pk, 0),
            "consents": [(row, SCOPES[row.scope]) for row in participant.consents.all()],
        }
        for participant in participants
    ]
    return render(request, "me.html", {"studies": studies})


@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back one scope, from now on."""
    participant = participant_or_404(request, slug)
    scope = request.POST.get("scope", "")
    if scope in ConsentScope.values and withdraw_consent(participant=participant, scope=scope):
        messages.success(request, _("Taken back. It no longer holds from now on."))
    else:
        messages.error(request, _("There was nothing to take back."))
    return redirect("me")
