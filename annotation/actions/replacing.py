"""Asking others what somebody answered who is left out of the figures."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from annotation.actions.assignments import add_place
from annotation.choices import Purpose, Role
from annotation.exclusions import is_left_out
from annotation.models import Assignment, Rater
from annotation.querysets import AssignmentQuerySet
from studies.models import User
from studies.rules import check_can_manage


@transaction.atomic
def ask_others(*, rater: Rater, by: User) -> int:
    """Open a place in the stead of each that they filled; how many. Twice is the same as once.

    Owners are asked about themselves, so nobody can answer in their stead. Raises ValidationError
    for somebody who counts, PermissionDenied for who may only look.
    """
    check_can_manage(rater.study, by)
    locked = Rater.objects.select_for_update(of=("self",)).get(pk=rater.pk)
    if not is_left_out(locked):
        raise ValidationError(_("They are not left out."))
    return sum(add_place(place) is not None for place in to_replace(locked))


def to_replace(rater: Rater) -> AssignmentQuerySet:
    """Their places whose answers no figure needs and nobody else was asked for yet."""
    instead = Assignment.objects.filter(instead_of=OuterRef("pk"))
    filled = Assignment.objects.filter(
        rater=rater, state=Assignment.State.DONE, purpose=Purpose.MAIN
    )
    others = filled.exclude(role=Role.OWNER).filter(~Exists(instead))
    # Whoever locks several tasks does so in one order, lest two wait for each other.
    return others.select_related("task__study").order_by("task_id")
