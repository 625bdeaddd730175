"""How far a person is with their conversations."""

from collection.converse.document import section_of
from collection.converse.rules import may_converse
from collection.models import Conversation, Turn
from collection.unshared.models import UnsharedConversation
from studies.models import Part, Participant
from studies.parts import Progress

PART = "converse"


def count_finished(participant: Participant) -> int:
    """Conversations that they finished, shared or not."""
    unshared = participant.unshared_conversations.filter(
        source=UnsharedConversation.Source.LIVE, state=UnsharedConversation.State.FINISHED
    )
    shared = participant.conversations.filter(source=Conversation.Source.LIVE)
    return unshared.count() + shared.count()


def replied_turns(conversation: UnsharedConversation) -> int:
    """How many of the person's turns have the reply that the conversation went on from."""
    replies = conversation.turns.filter(role=Turn.Role.ASSISTANT, is_chosen=True).exclude(
        content=""
    )
    answered = conversation.turns.filter(role=Turn.Role.USER, awaits_reply=False)
    positions = {position + 1 for position in answered.values_list("position", flat=True)}
    return len(positions & set(replies.values_list("position", flat=True)))


def measure(participant: Participant) -> Progress | None:
    """How far they are with the conversations; once done, what they remove later changes nothing.

    Nobody is asked to converse who has not allowed that their words go to a model.
    """
    section = section_of(participant.study)
    if section is None:
        return None
    part = Part.objects.filter(participant=participant, name=PART).first()
    is_done = part is not None and part.finished_at is not None
    if not is_done and not may_converse(participant):
        return None
    return Progress(done=count_finished(participant), total=section.conversations, is_done=is_done)
