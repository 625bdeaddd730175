"""What stands in the place of hidden words: one placeholder for the same thing everywhere."""

import re
from collections.abc import Iterable
from itertools import combinations

from collection.redaction.kinds import LABELS, Kind

MOST_PARTS = 7


class Placeholders:
    """The placeholders of one conversation, numbered by first occurrence per kind.

    Ask in the order of reading: the first that is asked for is number 1.
    """

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._people = _People()

    def placeholder(self, kind: str, words: str) -> str:
        """`[NAME_1]` and so on; the same words of the same kind get the same one."""
        key = (kind, normal_form(kind, words))
        if key not in self._given:
            self._given[key] = self._of_name(key[1]) if kind == Kind.NAME else self._next(kind)
        return self._given[key]

    def _of_name(self, words: str) -> str:
        """A first or last name alone is who was named in full before, and the other way round."""
        given = self._people.named(words) or self._next(Kind.NAME)
        self._people.add(words, given)
        return given

    def _next(self, kind: str) -> str:
        label = LABELS[kind]
        self._counts[label] = self._counts.get(label, 0) + 1
        return f"[{label}_{self._counts[label]}]"


class _People:
    """Names by their parts, so that thousands of them are not compared with each other."""

    def __init__(self) -> None:
        self._by_part: dict[frozenset[str], tuple[int, str]] = {}
        self._by_whole: dict[frozenset[str], tuple[int, str]] = {}

    def named(self, words: str) -> str | None:
        """The placeholder of the earliest name that is part of these words, or the reverse."""
        parts = _parts(words)
        found = [self._by_whole[part] for part in parts if part in self._by_whole]
        found += [self._by_part[part] for part in parts[:1] if part in self._by_part]
        return min(found)[1] if found else None

    def add(self, words: str, placeholder: str) -> None:
        """Remember a name."""
        parts = _parts(words)
        given = (len(self._by_whole), placeholder)
        self._by_whole.setdefault(parts[0], given)
        for part in parts:
            self._by_part.setdefault(part, given)


def _parts(words: str) -> list[frozenset[str]]:
    """All the words, then each choice of some of them; of a very long name only single words."""
    apart = sorted(set(words.split()))
    sizes = range(1, len(apart)) if len(apart) <= MOST_PARTS else (1,)
    return [
        frozenset(apart),
        *(frozenset(part) for size in sizes for part in combinations(apart, size)),
    ]


def normal_form(kind: str, words: str) -> str:
    """What two ways of writing the same thing have in common."""
    if kind in (Kind.PHONE, Kind.CARD, Kind.NATIONAL_ID, Kind.IBAN):
        return re.sub(r"[^\w]", "", words).upper()
    return " ".join(words.split()).casefold()


def numbered(found: Iterable[tuple[str, str]]) -> list[str]:
    """The placeholders of (kind, words) in the order of reading."""
    placeholders = Placeholders()
    return [placeholders.placeholder(kind, words) for kind, words in found]
