"""What somebody filled in, shown on a page that could not store it, so that it can be copied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

UNSHOWN = {
    "csrfmiddlewaretoken", "assignment", "fence", "key", "action", "version", "known",
    "skip-reason",
}  # fmt: skip
MEASURED = ("-seconds", "-idle_seconds", "-pasted")
OF_AN_ITEM = re.compile(r"item(?P<number>\d+)-(?P<rest>.+)", re.DOTALL)
MOST_LINES = 200
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class KeptWords:
    """One field: what it was for, and what stood in it."""

    label: str
    text: str


def kept_words(posted: Mapping[str, str] | QueryDict) -> list[KeptWords]:
    """Everything that was answered or written; nothing of what it was about."""
    filled = [
        KeptWords(label_of(name), str(text))
        for name, text in posted.items()
        if name not in UNSHOWN and not name.endswith(MEASURED) and str(text).strip()
    ]
    return filled[:MOST_LINES]


def label_of(name: str) -> str:
    """What a field was for, as its name tells."""
    found = OF_AN_ITEM.fullmatch(name)
    words = f"{found['number']} · {found['rest']}" if found else name
    return words.replace("_", " ").replace("-", " ")[:LONGEST_LABEL]
