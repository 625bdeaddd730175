"""Places of and about somebody who leaves: given back, taken out of queues, made free again."""

from django.db import transaction
from django.db.models import F, Q

from annotation.actions.assignments import add_place
from annotation.actions.beside import take_back_beside
from annotation.actions.disputing import look_again_for_experts
from annotation.actions.drafts import keep_what_is_fixed, with_fixed_answers
from annotation.choices import Purpose, Role
from annotation.models import Assignment
from annotation.querysets import AssignmentQuerySet
from studies.lookups import among
from studies.models import Participant

State = Assignment.State
MADE_GOOD = (State.SKIPPED, State.LAPSED, State.SURPLUS)
"""States of places in whose stead another was made."""
_NOBODYS = {"state": Assignment.State.FREE, "rater": None, "lease_until": None}


@transaction.atomic
def give_back_places(*, participant: Participant) -> int:
    """Free the places that the participant holds; an answer that comes late is refused."""
    held = Assignment.objects.filter(rater__participant=participant, state=Assignment.State.LEASED)
    experts = list(held.filter(purpose=Purpose.ADJUDICATION).select_related("study", "task"))
    taken_back = take_back_beside(held) + _let_lapse(held)
    given_back = taken_back + held.update(fence=F("fence") + 1, **_NOBODYS)
    look_again_for_experts(experts)
    return given_back


@transaction.atomic
def take_out_of_queues(*, participant: Participant) -> int:
    """Free the places that others hold about the participant, whose words they may not see now."""
    about = Assignment.objects.filter(subject=participant, state=Assignment.State.LEASED)
    held = about.exclude(role=Role.OWNER)
    taken_back = take_back_beside(held) + _let_lapse(held)
    return taken_back + held.update(fence=F("fence") + 1, **_NOBODYS)


def _let_lapse(held: AssignmentQuerySet) -> int:
    """End places whose holders have seen what their first choice is made without; how many.

    Another is asked in their stead. They themselves are not: they could not choose anew without
    what they saw. Owners, of whom there is one, go on from their first choice.
    """
    keep_what_is_fixed(held)
    fixed = with_fixed_answers(held.exclude(role=Role.OWNER))
    places = list(fixed.select_related("task__study", "study").order_by("task_id"))
    for place in places:
        place.state, place.lease_until = State.LAPSED, None
        place.fence += 1
        place.save(update_fields=["state", "lease_until", "fence"])
        add_place(place)
    return len(places)


@transaction.atomic
def vacate_places(*, participant: Participant) -> int:
    """Free what the participant filled in tasks about others, so that N can still be reached.

    A place in whose stead there is another goes: one that they skipped, that lapsed, or that
    others were asked for. So does what was made for them alone.
    """
    own = Assignment.objects.filter(rater__participant=participant)
    experts = list(own.filter(purpose=Purpose.ADJUDICATION).select_related("study", "task"))
    taken_back = take_back_beside(own, is_erasing=True)
    gone = _drop_made_good(own)
    freed = own.update(
        fence=F("fence") + 1,
        seed=None,
        order=[],
        is_swapped=False,
        presentation_digest="",
        submit_key="",
        submit_digest="",
        finished_at=None,
        **_NOBODYS,
    )
    look_again_for_experts(experts)
    return taken_back + gone + freed


def _drop_made_good(own: AssignmentQuerySet) -> int:
    """Delete those in whose stead there is another, which now is in that of what they were for."""
    others = own.filter(in_its_stead__isnull=False)
    handed_over = list(
        others.filter(instead_of__isnull=False).values_list("in_its_stead", "instead_of")
    )
    replaced = set(others.values_list("pk", flat=True))
    gone, _by_table = own.filter(Q(state__in=MADE_GOOD) | among("id", replaced)).delete()
    for instead, first in handed_over:
        Assignment.objects.filter(pk=instead).update(instead_of=first)
    return gone
