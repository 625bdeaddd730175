"""WildChat as JSON lines. Columns about the person (address, headers, country) are never read."""

from typing import Any

from collection.importers.format import Format, Past, PastTurn, Row, Shape, linear, objects_in
from collection.importers.moments import moment_of

ROLES = ("user", "assistant", "system")


class Said(Shape):
    """One turn."""

    role: str
    content: str | None = None


class WildChatRow(Shape):
    """One conversation; of its columns only these are looked at."""

    conversation_hash: str = ""
    model: str | None = None
    timestamp: Any = None
    conversation: list[Said]


def recognizes(row: Row) -> bool:
    """Is the row a conversation of this data set?"""
    return any("role" in said and "content" in said for said in objects_in(row, "conversation"))


def read(row: Row) -> Past:
    """The conversation; it has no title."""
    chat = WildChatRow.model_validate(row)
    turns = [
        PastTurn(said.role, said.content or "", _model(said, chat))
        for said in chat.conversation
        if said.role in ROLES
    ]
    return linear(chat.conversation_hash, "", moment_of(chat.timestamp), turns)


def _model(said: Said, chat: WildChatRow) -> str:
    return (chat.model or "") if said.role == "assistant" else ""


WILDCHAT = Format(name="wildchat", recognizes=recognizes, read=read)
