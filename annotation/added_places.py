"""Answers from places that were added because other answers disagreed: no fair sample of anything.

Only what is disputed gets such places. Figures of agreement between people that counted them would
look at disputed items more often than at others, and at a different number of answers for each.
"""

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

from annotation.actions.tasks import overlap_of, stage_section
from annotation.choices import Purpose, Role
from annotation.models import Assignment
from annotation.ranks import number_of_rank
from studies.models import Study

Filled = tuple[bool, datetime, int, int, str]
"""Without a time, the time, the place's number, its rank's number, and who filled it."""
NEVER = datetime.max.replace(tzinfo=UTC)


def added_answers(study: Study, stage: str) -> frozenset[tuple[UUID, str]]:
    """Tasks and refs of the raters who filled an added place of them; one query at most.

    Such a place has a rank beyond the overlap, and was filled after as many others of its task as
    the overlap says. Neither alone would do: what is opened in a skipped place's stead keeps that
    one's rank and is filled late, and in a bundle from elsewhere ranks go by places' numbers.
    """
    section = stage_section(study, stage) or {}
    if not (adaptive := section.get("adaptive")):
        return frozenset()
    role = adaptive.get("role", Role.PEER.value)
    asked = overlap_of(section).get(role, 0)
    return frozenset(
        (task, rater)
        for task, places in _filled(study, stage, role).items()
        for _, _, _, number, rater in sorted(places)[asked:]
        if number > asked
    )


def _filled(study: Study, stage: str, role: str) -> dict[UUID, list[Filled]]:
    """By task, the places of a role that are among the number asked for, or were added to it."""
    places = Assignment.objects.filter(
        study=study, stage=stage, role=role, state=Assignment.State.DONE, purpose=Purpose.MAIN
    )
    found: dict[UUID, list[Filled]] = defaultdict(list)
    columns = ("task_id", "finished_at", "place", "rank", "rater__ref")
    for task, at, place, rank, rater in places.order_by().values_list(*columns).iterator():
        found[task].append((at is None, at or NEVER, place, number_of_rank(rank), rater))
    return found
