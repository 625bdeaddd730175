"""What waits for a person to judge, over studies, stages and roles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, QuerySet, Sum, Value

from annotation.choices import Role, Stage
from annotation.eligibility import is_eligible
from annotation.exclusions import IS_LEFT_OUT, is_left_out
from annotation.models import Assignment, Judgment, Rater
from annotation.queries import LONGEST_QUEUE_COUNTED, waiting_for
from annotation.reckoning import beside_ahead
from studies.models import Participant, Study

MOST_PARTICIPATIONS = 40
"""Of one person in one list; each costs a few branches of one query."""
LATEST_TASKS = 20
FEWEST_TASKS = 2
"""Before a person's own pace is worth telling."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One stage of a study for one participant: what they did and what waits."""

    study: Study
    stage: str
    done: int
    waiting: int
    """Places still to be judged, the one held now included; at least 1 where only that is known."""
    beside: int = 0
    """What is to be asked beside these: if the total grew by one at each, it would tell them."""

    @property
    def total(self) -> int | None:
        """All that the person has done or may do; None where so much waits that nobody counted."""
        if self.waiting >= LONGEST_QUEUE_COUNTED:
            return None
        return self.done + self.waiting + (self.beside if self.waiting else 0)


def roles_of(participant: Participant) -> tuple[str, ...]:
    """The roles a participant may judge in, the one to be served first coming first."""
    expert = (Role.EXPERT.value,) if participant.is_expert else ()
    return (Role.OWNER.value, *expert, Role.PEER.value)


def duties_in(*, participant: Participant, rater: Rater) -> list[Duty]:
    """One per stage of the participant's study that has anything for them, in the stages' order.

    The number of queries depends on stages and roles only.
    """
    places = _own_places(rater)
    found = [_duty(participant, rater, stage, places) for stage in Stage.values]
    return [duty for duty in found if duty.done or duty.waiting]


def duty_in(*, participant: Participant, rater: Rater, stage: str) -> Duty:
    """The same of one stage, whether or not anything waits."""
    return _duty(participant, rater, stage, _own_places(rater))


def _duty(
    participant: Participant, rater: Rater, stage: str, places: dict[tuple[str, str], int]
) -> Duty:
    waiting, beside = places.get((stage, Assignment.State.LEASED), 0), 0
    for role in roles_of(participant):
        if is_eligible(participant.study, stage, role, rater):
            asked: Any = {"study": participant.study, "stage": stage, "role": role, "rater": rater}
            more = waiting_for(**asked)
            waiting += more
            beside += beside_ahead(**asked, waiting=more)
    done = sum(places.get((stage, state), 0) for state in Assignment.FILLED)
    return Duty(participant.study, stage, done, waiting, beside)


def open_duties(participants: Iterable[Participant]) -> list[Duty]:
    """Stages in which something waits, over all studies of a person; two queries.

    `waiting` is 1: more than that is only known when one enters the study.
    """
    mine = {row.pk: row for row in list(participants)[:MOST_PARTICIPATIONS]}
    theirs = Rater.objects.filter(participant__in=mine).annotate(is_left_out=IS_LEFT_OUT)
    raters = list(theirs.select_related("participant"))
    branches = [
        branch
        for rater in raters
        if rater.participant_id
        for branch in _branches(mine[rater.participant_id], rater)
    ]
    if not branches:
        return []
    studies = {row.study_id: row.study for row in mine.values()}
    rows = set(branches[0].union(*branches[1:], all=True))
    order = {stage: place for place, stage in enumerate(Stage.values)}
    return [
        Duty(studies[study_id], stage, 0, 1)
        for study_id, stage in sorted(rows, key=lambda row: (str(row[0]), order[row[1]]))
    ]


def pace_of(rater: Rater, stage: str) -> float | None:
    """Seconds that the rater's latest tasks of a stage took; None where too few are known."""
    tasks = (
        Judgment.objects.filter(rater=rater, stage=stage, assignment__isnull=False)
        .values("assignment")
        .annotate(total=Sum("seconds"))
        .order_by("-assignment__finished_at")
    )
    known = [row["total"] for row in tasks[:LATEST_TASKS] if row["total"]]
    return sum(known) / len(known) if len(known) >= FEWEST_TASKS else None


def _own_places(rater: Rater) -> dict[tuple[str, str], int]:
    rater.is_left_out = is_left_out(rater)  # type: ignore[attr-defined]  # spares stages their looks
    rows = Assignment.objects.filter(rater=rater).values_list("stage", "state")
    return {(stage, state): n for stage, state, n in rows.annotate(n=Count("pk")).order_by()}


def _branches(
    participant: Participant, rater: Rater
) -> Iterator["QuerySet[Study, tuple[UUID, str]]"]:
    """Queries that give (study, stage) if something waits there; each stops at the first place."""
    for stage in Stage.values:
        held = Assignment.objects.filter(rater=rater, stage=stage, state=Assignment.State.LEASED)
        waits = Exists(held)
        for role in roles_of(participant):
            if not is_eligible(participant.study, stage, role, rater):
                continue
            places = Assignment.objects.filter(study=participant.study_id, stage=stage, role=role)
            free = places.filter(state=Assignment.State.FREE)
            waits = waits | Exists(free.eligible_for(rater, role))  # type: ignore[assignment]
            if role != Role.OWNER:
                late = places.given_up().eligible_for(rater, role)
                waits = waits | Exists(late)  # type: ignore[assignment]
        study = Study.objects.filter(waits, pk=participant.study_id, state=Study.State.OPEN)
        yield study.values_list("pk", Value(stage)).order_by()
