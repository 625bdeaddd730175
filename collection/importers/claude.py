"""Claude's export: conversations with a list of messages by human and assistant."""

from typing import Any

from collection.importers.format import Format, Past, PastTurn, Row, Shape, linear
from collection.importers.moments import moment_of

ROLES = {"human": "user", "assistant": "assistant"}
PLACEHOLDERS = {"image": "[image]", "document": "[attachment]"}
"""Types of content blocks that can't be shown as text; tools and thoughts are dropped."""


class Message(Shape):
    """One message; newer exports hold its text in blocks, older ones as one text."""

    sender: str
    text: str = ""
    content: Any = None


class Export(Shape):
    """One conversation."""

    uuid: str = ""
    name: str | None = None
    model: str | None = None
    created_at: Any = None
    chat_messages: list[Message]


def recognizes(row: Row) -> bool:
    """Is the row a conversation of such an export?"""
    return isinstance(row.get("chat_messages"), list)


def read(row: Row) -> Past:
    """The conversation without tools' work, thoughts and attached files."""
    export = Export.model_validate(row)
    turns = [
        _turn(message, export.model or "")
        for message in export.chat_messages
        if message.sender in ROLES
    ]
    return linear(export.uuid, export.name or "", moment_of(export.created_at), turns)


def _turn(message: Message, model: str) -> PastTurn:
    role = ROLES[message.sender]
    return PastTurn(role, _text(message), model if role == "assistant" else "")


def _text(message: Message) -> str:
    blocks = message.content if isinstance(message.content, list) else []
    parts = [_part(block) for block in blocks if isinstance(block, dict)]
    return "\n".join(part for part in parts if part) or message.text


def _part(block: Row) -> str:
    if block.get("type", "text") == "text":
        text = block.get("text")
        return text if isinstance(text, str) else ""
    return PLACEHOLDERS.get(str(block["type"]), "")


CLAUDE = Format(name="claude", recognizes=recognizes, read=read)
