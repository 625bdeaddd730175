"""Answers from places that were added because other answers disagreed: no fair sample of anything.

Only what is disputed gets such places. Figures of agreement between people that counted them would
look at disputed items more often than at others, and at a different number of answers for each.
"""

from uuid import UUID

from annotation.models import Assignment
from annotation.querysets import AssignmentQuerySet
from studies.models import Study


def added_answers(study: Study, stage: str) -> frozenset[tuple[UUID, str]]:
    """Tasks and refs of the raters who filled an added place of them; one query.

    A place says itself that it was added: what the study document says today need not be what it
    said when the place was opened.
    """
    places = _filled(study).filter(stage=stage)
    return frozenset(places.values_list("task_id", "rater__ref"))


def raters_of_added(study: Study) -> frozenset[tuple[UUID, UUID]]:
    """The same at all stages, with the raters' ids."""
    return frozenset(_filled(study).values_list("task_id", "rater_id"))


def _filled(study: Study) -> AssignmentQuerySet:
    """Added places that somebody has filled, also those beside the number asked for."""
    filled = Assignment.objects.filter(study=study, is_added=True, state__in=Assignment.FILLED)
    return filled.order_by()
