"""Unshared conversations for tests. Everybody in them is invented."""

from typing import Any

from collection.redaction.kinds import Kind
from collection.unshared.models import Redaction, UnsharedConversation, UnsharedTurn
from studies.models import Participant


def make_unshared(participant: Participant, *contents: str, **fields: Any) -> UnsharedConversation:
    """A finished donated conversation, user and assistant in turns."""
    given = {"source": "donated", "state": "finished", "title": "Trains"} | fields
    conversation = UnsharedConversation.objects.create(
        study=participant.study, participant=participant, **given
    )
    for position, content in enumerate(contents):
        UnsharedTurn.objects.create(
            conversation=conversation,
            position=position,
            role="assistant" if position % 2 else "user",
            model="gpt-x" if position % 2 else "",
            content=content,
        )
    return conversation


def add_reply(
    conversation: UnsharedConversation, position: int, place: int, content: str, **fields: Any
) -> UnsharedTurn:
    """A reply that stood beside another and was not chosen."""
    return UnsharedTurn.objects.create(
        conversation=conversation,
        position=position,
        place=place,
        role="assistant",
        content=content,
        is_chosen=False,
        **{"model": "gpt-y"} | fields,
    )


def hide(turn: UnsharedTurn, words: str, kind: str = Kind.NAME, **fields: Any) -> Redaction:
    """A proposal that the words be hidden where they first stand."""
    start = turn.content.index(words)
    given = {"origin": "proposed"} | fields
    return Redaction.objects.create(
        turn=turn, start=start, end=start + len(words), kind=kind, **given
    )
