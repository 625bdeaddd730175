"""What is left unshared when somebody takes back what they allowed: ended, and theirs to remove."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from collection.actions.reviewing import finish_if_nothing_waits
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from studies.models import Participant
from studies.rules import takes_part


@transaction.atomic
def end_conversations(*, participant: Participant) -> int:
    """Finish what is still going on, so that its owner can read or remove it; how many were.

    No minimum of turns counts here. What broke off and was not kept is not part of it.
    """
    rows = UnsharedConversation.objects.select_for_update(of=("self",), no_key=True)
    still_open = rows.filter(participant=participant, state=UnsharedConversation.State.OPEN)
    found = list(still_open.order_by("pk"))
    for row in found:
        _drop_open_turn(row)
        row.state, row.finished_at = UnsharedConversation.State.FINISHED, timezone.now()
        row.save(update_fields=["state", "finished_at"])
    return len(found)


def _drop_open_turn(row: UnsharedConversation) -> None:
    """A reply that never began is cut; who streams one ends it at the next look at its consent."""
    row.turns.filter(state=UnsharedTurn.State.WAITING).update(
        state=UnsharedTurn.State.CUT, finished_at=timezone.now()
    )
    said = row.turns.filter(awaits_reply=True).first()
    if said is not None:
        row.turns.filter(position=said.position + 1).update(is_chosen=False)
        row.turns.filter(pk=said.pk).update(awaits_reply=False)


@transaction.atomic
def remove_unshared(*, participant: Participant, conversation: UUID) -> int:
    """Delete a conversation of the person's for good, whatever they still allow; twice is once."""
    own = UnsharedConversation.objects.filter(participant=participant, pk=conversation)
    _total, by_table = own.delete()
    if participant.study.is_open and takes_part(participant):
        finish_if_nothing_waits(participant)
    return by_table.get(UnsharedConversation._meta.label, 0)
