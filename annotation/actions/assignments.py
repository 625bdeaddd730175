"""Taking, giving back and skipping places."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation.choices import Role
from annotation.errors import NotYours, StaleFence
from annotation.models import Assignment, Rater, Skip
from annotation.places import new_places
from annotation.querysets import AssignmentQuerySet
from annotation.ranks import is_swapped_at
from annotation.rules import check_can_judge
from studies.models import Study

LEASE_MINUTES = 30
SEED_BITS = 62


@transaction.atomic
def claim_next(*, study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    """The place the rater already holds here, else a free one, else one whose lease ran out.

    Its cost does not grow with the number of items: each look-up reads the head of an index.
    Raises PermissionDenied when the rater may not judge.
    """
    # Two clicks at once would otherwise take two places.
    locked = Rater.objects.select_for_update(of=("self",)).select_related("participant")
    holder = locked.get(pk=rater.pk)
    check_can_judge(study, holder, role)
    held = _held_place(study, stage, role, holder)
    place = held or _free_place(study, stage, role, holder) or _expired(study, stage, role, holder)
    if place is None:
        return None
    place.study = place.task.study = study
    return _lease(place, holder, is_held=held is not None)


def _places(study: Study, stage: str, role: str) -> AssignmentQuerySet:
    places = Assignment.objects.filter(study=study, stage=stage, role=role)
    # A place that somebody else is just taking is not worth waiting for.
    return (
        places.select_for_update(skip_locked=True, of=("self",))
        .select_related("task__conversation", "task__prompt")
        .annotate(asked_at=Now())  # the database's clock: workers' clocks are never compared
    )


def _held_place(study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    """What they hold already, unless its owner stopped sharing it since."""
    leased = {"rater": rater, "state": Assignment.State.LEASED}
    # Mostly there is none: a look at the index spares the wide query.
    if not Assignment.objects.filter(**leased).exists():
        return None
    return _places(study, stage, role).filter(**leased).shown_to(role).remembered().first()


def _free_place(study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    places = _places(study, stage, role).filter(state=Assignment.State.FREE)
    return places.eligible_for(rater, role).order_by("rank").first()


def _expired(study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    places = _places(study, stage, role).filter(
        state=Assignment.State.LEASED, lease_until__lt=Now()
    )
    return places.eligible_for(rater, role).order_by("lease_until").first()


def _lease(place: Assignment, rater: Rater, *, is_held: bool) -> Assignment:
    """Give the place to the rater; the one they hold keeps its fence, so that a reload is safe."""
    if not is_held:
        place.state = Assignment.State.LEASED
        place.rater = rater
        place.fence += 1
        place.seed = secrets.randbits(SEED_BITS)
        place.is_swapped = is_swapped_at(place.rank)
    place.lease_until = place.asked_at + lease_of(place)  # type: ignore[attr-defined]
    place.save(update_fields=["state", "rater", "fence", "seed", "is_swapped", "lease_until"])
    return place


def lease_of(place: Assignment) -> timedelta:
    """How long a rater may hold a place before others may take it."""
    stages = place.task.study.document.get("stages") or {}
    section = stages.get(place.stage) or {}
    return timedelta(minutes=section.get("lease_minutes", LEASE_MINUTES))


@transaction.atomic
def release_assignment(
    *,
    assignment_id: UUID,
    rater: Rater | None,
    fence: int,
    reason: str = "",
    studies: QuerySet[Study] | None = None,
) -> Assignment:
    """Give a place back unanswered: it is free again at once."""
    place = held_place(assignment_id=assignment_id, rater=rater, fence=fence, studies=studies)
    place.state = Assignment.State.FREE
    place.rater = None
    place.lease_until = None
    place.save(update_fields=["state", "rater", "lease_until"])
    return place


@transaction.atomic
def skip_assignment(
    *, assignment_id: UUID, rater: Rater | None, fence: int, reason: str
) -> Assignment:
    """Pass on a task for good, with a reason; another place is added so that N is reached."""
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Say why you skip it."))
    place = held_place(assignment_id=assignment_id, rater=rater, fence=fence)
    Skip.objects.bulk_create(
        Skip(study=place.study, item=row.item, task=place.task, rater=place.rater, reason=reason)
        for row in place.task.task_items.select_related("item")
    )
    place.state = Assignment.State.SKIPPED
    place.lease_until = None
    place.save(update_fields=["state", "lease_until"])
    add_place(place)
    return place


def add_place(place: Assignment) -> None:
    """One more free place beside this one, for another rater."""
    beside = Assignment.objects.filter(task=place.task, role=place.role)
    last = beside.aggregate(last=Max("place"))["last"]
    if place.role != Role.OWNER:
        Assignment.objects.bulk_create(
            new_places(task=place.task, role=place.role, count=1, start=last + 1)
        )


def held_place(
    *,
    assignment_id: UUID,
    rater: Rater | None,
    fence: int,
    studies: QuerySet[Study] | None = None,
) -> Assignment:
    """The leased place, locked. `rater` None acts for whoever holds it (a managing program).

    Raises NotYours, or StaleFence when it was given out again or is finished.
    """
    place = locked_place(assignment_id=assignment_id, rater=rater, studies=studies)
    if place.state != Assignment.State.LEASED or place.fence != fence:
        raise StaleFence(_("This task is no longer yours: its time ran out, or it was finished."))
    return place


def locked_place(
    *, assignment_id: UUID, rater: Rater | None, studies: QuerySet[Study] | None = None
) -> Assignment:
    """The place, locked against everybody else's change until the transaction ends.

    With `studies`, a place in any other does not exist.
    """
    places = Assignment.objects.select_for_update(of=("self",)).select_related(
        "task__conversation", "task__prompt", "rater", "study"
    )
    if studies is not None:
        places = places.filter(study__in=studies)
    place = places.filter(pk=assignment_id).first()
    if place is None or (rater and place.rater_id != rater.pk):
        raise NotYours(_("This task is not yours, or its time ran out and somebody else has it."))
    place.task.study = place.study
    return place
