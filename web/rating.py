"""As which rater somebody judges in a study."""

from django.db.models import Q
from django.http import HttpRequest

from annotation.actions.raters import rater_for_participant
from annotation.models import Rater
from web.participants import ENTERED, participant_or_404, signed_in


def rater_or_404(request: HttpRequest, slug: str) -> Rater:
    """The rater whom somebody is here, with participant and study: one query, but the first time.

    An account comes before a session. Who takes no part is told nothing about the study.
    """
    mine = Q(participant__in=request.session.get(ENTERED, []))
    if user := signed_in(request):
        mine |= Q(participant__user=user)
    known = Rater.objects.filter(mine, study__slug=slug).select_related("participant__study")
    found = sorted(known.order_by("participant"), key=_is_entered)
    if found:
        return found[0]
    rater = rater_for_participant(participant := participant_or_404(request, slug))
    rater.participant = participant
    return rater


def _is_entered(rater: Rater) -> bool:
    return rater.participant is None or rater.participant.user_id is None
