"""How far a participant is with giving conversations and reading them before they are shared."""

from collection.converse import progress as conversing
from collection.donating import progress as donating
from collection.models import Conversation
from collection.unshared.models import UnsharedConversation
from studies.models import Participant
from studies.parts import Progress

GIVING = ("converse", "donate")
"""The sections of a study document that make conversations."""


def review(participant: Participant) -> Progress | None:
    """What was shared, of that and what waits; done when nothing waits any more."""
    waiting = UnsharedConversation.objects.filter(
        participant=participant, state=UnsharedConversation.State.FINISHED
    ).count()
    if not waiting and not any(section in participant.study.document for section in GIVING):
        return None
    shared = Conversation.objects.filter(participant=participant, shared_at__isnull=False).count()
    return Progress(done=shared, total=shared + waiting, is_done=not waiting)


def may_still_share(participant: Participant) -> bool:
    """Have they still to give a conversation, or to decide on one that they gave?

    While it is so, a part before everything that is asked of owners is not done.
    """
    found = (measure(participant) for measure in (conversing.measure, donating.measure, review))
    return any(progress is not None and not progress.is_done for progress in found)
