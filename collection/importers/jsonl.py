"""Plain JSON lines: one conversation each, `{"title": …, "turns": [{"role", "content"}]}`."""

from typing import Annotated

from pydantic import Field

from collection.importers.format import Format, Past, PastTurn, Row, Shape, linear, objects_in
from collection.importers.moments import moment_of
from collection.models import Turn


class Said(Shape):
    """One turn."""

    role: Annotated[Turn.Role, Field(strict=False)]
    content: str


def recognizes(row: Row) -> bool:
    """Is the row a conversation of this form?"""
    return any("role" in said and "content" in said for said in _said(row))


def read(row: Row) -> Past:
    """The conversation; `id`, `title` and `created_at` may be missing."""
    said = [Said.model_validate(one) for one in _said(row)]
    key, title = row.get("id"), row.get("title")
    return linear(
        str(key) if isinstance(key, str | int) else "",
        title if isinstance(title, str) else "",
        moment_of(row.get("created_at")),
        [PastTurn(one.role.value, one.content) for one in said],
    )


def _said(row: Row) -> list[Row]:
    return objects_in(row, "turns") or objects_in(row, "messages")


JSONL = Format(name="jsonl", recognizes=recognizes, read=read)
