"""Places of and about somebody who leaves: given back, taken out of queues, made free again."""

from django.db import transaction
from django.db.models import F

from annotation.choices import Role
from annotation.models import Assignment
from studies.models import Participant

_NOBODYS = {"state": Assignment.State.FREE, "rater": None, "lease_until": None}


@transaction.atomic
def give_back_places(*, participant: Participant) -> int:
    """Free the places that the participant holds; an answer that comes late is refused."""
    held = Assignment.objects.filter(rater__participant=participant, state=Assignment.State.LEASED)
    return held.update(fence=F("fence") + 1, **_NOBODYS)


@transaction.atomic
def take_out_of_queues(*, participant: Participant) -> int:
    """Free the places that others hold about the participant, whose words they may not see now."""
    held = Assignment.objects.filter(subject=participant, state=Assignment.State.LEASED)
    return held.exclude(role=Role.OWNER).update(fence=F("fence") + 1, **_NOBODYS)


@transaction.atomic
def vacate_places(*, participant: Participant) -> int:
    """Free what the participant filled in tasks about others, so that N can still be reached.

    A place that they skipped goes: another was added for it.
    """
    own = Assignment.objects.filter(rater__participant=participant)
    skipped, _by_table = own.filter(state=Assignment.State.SKIPPED).delete()
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
    return skipped + freed
