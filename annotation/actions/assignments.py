"""Taking, giving back and skipping places."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, UUIDField
from django.utils.translation import gettext as _

from annotation import candidates
from annotation.actions.beside import beside_place
from annotation.actions.disputing import look_again_for_experts
from annotation.actions.drafts import (
    keep_what_is_fixed,
    take_up_what_is_fixed,
    with_fixed_answers,
)
from annotation.beside import BESIDE
from annotation.choices import Role
from annotation.eligibility import NotEligible, check_is_eligible
from annotation.errors import StaleFence
from annotation.fences import check_fence, check_is_theirs, somebody_elses
from annotation.models import Assignment, Rater, Skip, Task
from annotation.places import new_places
from annotation.ranks import is_swapped_at
from annotation.rubric_versions import rubric_of
from annotation.rules import check_may_judge
from studies.models import Study
from work.statements import Change, Given, Insert

LEASE_MINUTES = 30
SEED_BITS = 62


LEASE = Change(
    Assignment.objects.filter(pk=Given("pk", UUIDField())),
    state=Assignment.State.LEASED,
    **{
        name: Given.of(Assignment, name)
        for name in ("rater", "fence", "rubric_version", "seed", "is_swapped", "lease_until")
    },
)
PUT_DOWN = Insert(Assignment)


def claim_next(*, study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    """The place the rater already holds here, else a free one, else one in a lapsed one's stead.

    Its cost does not grow with the number of items: each look-up reads the head of an index.
    Raises PermissionDenied when the rater may not judge.
    """
    place, refusal = claim_first(study=study, stage=stage, roles=[role], rater=rater)
    if refusal:
        raise refusal
    return place


@transaction.atomic
def claim_first(
    *, study: Study, stage: str, roles: Sequence[str], rater: Rater
) -> tuple[Assignment | None, NotEligible | None]:
    """The same in the first of several roles that has one, under one lock.

    A role in which the study's rules give them nothing is passed over; the last such refusal comes
    with the place.
    """
    (holder,) = candidates.HOLDER(rater=rater.pk, study=study.pk)
    holds = bool(candidates.HOLDS(rater=rater.pk))
    refused: NotEligible | None = None
    for role in roles:
        try:
            if place := _claim(study, stage, role, holder, holds=holds):
                return place, refused
        except NotEligible as refusal:
            refused = refusal
    return None, refused


def _claim(study: Study, stage: str, role: str, holder: Any, *, holds: bool) -> Assignment | None:
    check_may_judge(study, holder, role, takes_part=holder.takes_part)
    held = _held_place(study, stage, role, holder) if holds else None
    if held is None:
        check_is_eligible(study, stage, role, holder)
        if beside := beside_place(study=study, stage=stage, role=role, rater=holder):
            return beside
    place = held or _free_place(study, stage, role, holder) or _stand_in(study, stage, role, holder)
    if place is None:
        return None
    place.study = place.task.study = study
    place.forgets = holder.forgets  # type: ignore[attr-defined]  # spares its screen a look
    version = place.rubric_version
    leased = _lease(place, holder, is_held=held is not None)
    # An owner may have given it back, and then is asked the same.
    is_owners_again = role == Role.OWNER and version == leased.rubric_version
    leased.is_held_again = held is not None or (  # type: ignore[attr-defined]  # may have a draft
        is_owners_again and take_up_what_is_fixed(leased)
    )
    return leased


def _held_place(study: Study, stage: str, role: str, rater: Any) -> Assignment | None:
    """What they hold already, unless its owner stopped sharing it since."""
    look = candidates.held(role=role, forgets=rater.forgets)
    return next(iter(look(study=study.pk, stage=stage, role=role, rater=rater.pk)), None)


def _free_place(study: Study, stage: str, role: str, rater: Any) -> Assignment | None:
    look = candidates.free(candidates.looking(study, stage, role, rater, forgets=rater.forgets))
    return next(iter(look(**candidates.whose(study, stage, role, rater))), None)


def _expired(study: Study, stage: str, role: str, rater: Any) -> Assignment | None:
    look = candidates.expired(candidates.looking(study, stage, role, rater, forgets=rater.forgets))
    return next(iter(look(**candidates.whose(study, stage, role, rater))), None)


def _stand_in(study: Study, stage: str, role: str, rater: Any) -> Assignment | None:
    """A new place beside one whose holder's time ran out; that one lapses.

    Owners are their own holders: nobody else takes their places.
    """
    if role == Role.OWNER:
        return None
    lapsed: Any = _expired(study, stage, role, rater)
    if lapsed is None:
        return None
    lapsed.state, lapsed.lease_until = Assignment.State.LAPSED, None
    lapsed.save(update_fields=["state", "lease_until"])
    place: Any = add_place(lapsed)
    if place is not None:
        place.asked_at = lapsed.asked_at
    return place  # type: ignore[no-any-return]


def _lease(place: Assignment, rater: Rater, *, is_held: bool) -> Assignment:
    """Give the place to the rater; the one they hold keeps its fence, so that a reload is safe."""
    if not is_held:
        place.state = Assignment.State.LEASED
        place.rater = rater
        place.fence += 1
        place.rubric_version = rubric_of(place.study, place.stage).version
        place.seed = secrets.randbits(SEED_BITS)
        place.is_swapped = is_swapped_at(place.rank)
    place.lease_until = place.asked_at + lease_of(place)  # type: ignore[attr-defined]
    LEASE(
        pk=place.pk,
        rater=place.rater_id,
        fence=place.fence,
        rubric_version=place.rubric_version,
        seed=place.seed,
        is_swapped=place.is_swapped,
        lease_until=place.lease_until,
    )
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
    study_id: UUID | None = None,
) -> Assignment:
    """Give a place back unanswered: it is free again at once, or another one is in its stead."""
    place = held_place(assignment_id=assignment_id, rater=rater, fence=fence, study_id=study_id)
    same = Assignment.objects.filter(pk=place.pk)
    # What was made for one rater is nobody else's; and who has seen more than what their first
    # choice is made by cannot make it anew. Neither is given twice.
    is_own = place.purpose in BESIDE or with_fixed_answers(same.exclude(role=Role.OWNER)).exists()
    keep_what_is_fixed(same)
    place.state = Assignment.State.LAPSED if is_own else Assignment.State.FREE
    place.rater = place.rater if is_own else None
    place.lease_until = None
    place.save(update_fields=["state", "rater", "lease_until"])
    if is_own:
        add_place(place)
    look_again_for_experts([place])
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
    look_again_for_experts([place])
    return place


def add_place(place: Assignment) -> Assignment | None:
    """A free place in this one's stead: as much asked for, of the same rank and side.

    None for owners, who have no other, and for what was made for one rater.
    """
    if place.role == Role.OWNER or place.purpose in BESIDE:
        return None
    # Two places of a task may be made up for at once; they are numbered one after another.
    task = Task.objects.select_for_update(no_key=True, of=("self",)).get(pk=place.task_id)
    beside = Assignment.objects.filter(task=task, role=place.role)
    last = beside.aggregate(last=Max("place"))["last"]
    (instead,) = new_places(task=place.task, role=place.role, count=1, start=last + 1)
    instead.rank, instead.is_added = place.rank, place.is_added
    instead.instead_of_id = _hand_over(place)
    PUT_DOWN(instead)
    return instead


def _hand_over(place: Assignment) -> UUID | None:
    """In whose stead another is now; this one, unless answered, is in nobody's from here on."""
    if place.state == Assignment.State.DONE:
        return place.pk
    before = place.instead_of_id
    if before:
        place.instead_of = None
        place.save(update_fields=["instead_of"])
    return before


def held_place(
    *,
    assignment_id: UUID,
    rater: Rater | None,
    fence: int,
    study_id: UUID | None = None,
) -> Assignment:
    """The leased place, locked. `rater` None acts for whoever holds it (a managing program).

    Raises NotYours, or StaleFence when it was given out again, is free or is finished.
    """
    place = locked_place(assignment_id=assignment_id, rater=rater, study_id=study_id)
    check_fence(place, fence)
    if place.state != Assignment.State.LEASED:
        raise StaleFence(_("This task is no longer yours: its time ran out, or it was finished."))
    return place


def locked_place(
    *, assignment_id: UUID, rater: Rater | None, study_id: UUID | None = None
) -> Assignment:
    """The place, locked against everybody else's change until the transaction ends.

    With `study_id`, a place in any other does not exist. It knows whether its rater still
    `takes_part`, whether its owner still shows it (`is_shared`), and whether anything in the
    study must not be shown any more (`forgets`).
    """
    place = next(iter(candidates.PLACE(place=assignment_id)), None)
    if place is None or (study_id and place.study_id != study_id):
        raise somebody_elses()
    if rater:
        check_is_theirs(place, rater)
    place.task.study = place.study
    return place
