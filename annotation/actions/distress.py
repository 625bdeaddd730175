"""Passing on what a study marks as possibly distressing."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from annotation.actions.assignments import held_place, skip_assignment
from annotation.distress import DISTRESSING, is_distressing
from annotation.models import Assignment, Rater


@transaction.atomic
def skip_distressing(*, assignment_id: UUID, rater: Rater, fence: int) -> Assignment:
    """Pass on a task that the study warns of; it is paid like one that was judged.

    Raises PermissionDenied for a task without a warning.
    """
    place = held_place(assignment_id=assignment_id, rater=rater, fence=fence)
    if not is_distressing(place):
        raise PermissionDenied(_("Say why you skip it; the task is still yours."))
    return skip_assignment(
        assignment_id=assignment_id, rater=rater, fence=fence, reason=DISTRESSING
    )
