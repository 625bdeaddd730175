"""The formats in which past conversations are taken. A new one is a file beside and a line here."""

from collection.importers.chatgpt import CHATGPT
from collection.importers.claude import CLAUDE
from collection.importers.format import Format, Row
from collection.importers.jsonl import JSONL
from collection.importers.sharegpt import SHAREGPT
from collection.importers.wildchat import WILDCHAT

FORMATS = {one.name: one for one in (CHATGPT, CLAUDE, SHAREGPT, WILDCHAT, JSONL)}
"""By name, in the order in which a row is held against them."""


def format_of(row: Row) -> Format | None:
    """The format that knows the row; a file's name says nothing."""
    return next((one for one in FORMATS.values() if one.recognizes(row)), None)
