"""ShareGPT: a list of conversations whose turns say from whom they are."""

from collection.importers.format import Format, Past, PastTurn, Row, Shape, linear, objects_in
from collection.importers.moments import moment_of

ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "system": "system",
}
"""The spellings that data sets of this form use; what is from anybody else is dropped."""


class Said(Shape):
    """One turn."""

    from_: str
    value: str


def recognizes(row: Row) -> bool:
    """Is the row a conversation of this form?"""
    return any("from" in said and "value" in said for said in objects_in(row, "conversations"))


def read(row: Row) -> Past:
    """The conversation, its system turns included: they are part of what was asked."""
    said = [
        Said.model_validate({"from_": one.get("from"), "value": one.get("value")})
        for one in objects_in(row, "conversations")
    ]
    turns = [PastTurn(ROLES[one.from_], one.value) for one in said if one.from_ in ROLES]
    key, title = row.get("id"), row.get("title")
    return linear(
        str(key) if isinstance(key, str | int) else "",
        title if isinstance(title, str) else "",
        moment_of(row.get("created_at") or row.get("timestamp")),
        turns,
    )


SHAREGPT = Format(name="sharegpt", recognizes=recognizes, read=read)
