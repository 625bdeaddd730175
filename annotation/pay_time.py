"""What judging counts for people's pay: their time, and tasks passed on as distressing."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Sum

from annotation.distress import DISTRESSING
from annotation.models import Assignment, Judgment, Rater, Skip
from studies.lookups import among
from studies.models import Participant


def seconds_of(participants: Collection[UUID]) -> dict[UUID, float]:
    """The seconds of all judgments that each of these people gave."""
    rows = Judgment.objects.filter(
        among("rater__participant_id", participants),
        rater__kind=Rater.Kind.HUMAN,
        seconds__isnull=False,
    )
    sums = rows.order_by().values_list("rater__participant").annotate(total=Sum("seconds"))
    return {person: float(total) for person, total in sums}


def paid_tasks(stage: str) -> Callable[[Participant], int]:
    """A count of a stage's places that are paid: those judged, and those passed as distressing."""

    def count(participant: Participant) -> int:
        places = Assignment.objects.filter(rater__participant=participant, stage=stage)
        passed = Skip.objects.filter(rater__participant=participant, reason=DISTRESSING)
        skipped = places.filter(state=Assignment.State.SKIPPED, task__in=passed.values("task"))
        return places.filter(state__in=Assignment.FILLED).count() + skipped.count()

    return count
