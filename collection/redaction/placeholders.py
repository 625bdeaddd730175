"""What stands in the place of hidden words: one placeholder for the same thing everywhere."""

import re
from collections.abc import Iterable

from collection.redaction.kinds import LABELS, Kind


class Placeholders:
    """The placeholders of one conversation, numbered by first occurrence per kind.

    Ask in the order of reading: the first that is asked for is number 1.
    """

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def placeholder(self, kind: str, words: str) -> str:
        """`[NAME_1]` and so on; the same words of the same kind get the same one."""
        key = (kind, normal_form(kind, words))
        if key not in self._given:
            self._given[key] = self._same_name(kind, key[1]) or self._next(kind)
        return self._given[key]

    def _same_name(self, kind: str, words: str) -> str | None:
        """A first or last name alone is who was named in full before, and the other way round."""
        if kind != Kind.NAME:
            return None
        parts = set(words.split())
        for (other, name), placeholder in self._given.items():
            named = set(name.split())
            if other == kind and (parts <= named or named <= parts):
                return placeholder
        return None

    def _next(self, kind: str) -> str:
        label = LABELS[kind]
        self._counts[label] = self._counts.get(label, 0) + 1
        return f"[{label}_{self._counts[label]}]"


def normal_form(kind: str, words: str) -> str:
    """What two ways of writing the same thing have in common."""
    if kind in (Kind.PHONE, Kind.CARD, Kind.NATIONAL_ID, Kind.IBAN):
        return re.sub(r"[^\w]", "", words).upper()
    return " ".join(words.split()).casefold()


def numbered(found: Iterable[tuple[str, str]]) -> list[str]:
    """The placeholders of (kind, words) in the order of reading."""
    placeholders = Placeholders()
    return [placeholders.placeholder(kind, words) for kind, words in found]
