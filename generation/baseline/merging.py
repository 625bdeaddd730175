"""The baseline that compares statements of one person: denials, and other values of one thing.

What people have one of at a time is kept as files in `slots/`, one per language: lines of a name
and a pattern whose group `value` is what it is (and `of`, where the thing is named too). It knows
no meaning: that who eats steak is no vegan is out of its reach.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from generation.merging.polarity import NUMBER, is_denied
from generation.words import content_words

FOLDER = Path(__file__).parent / "slots"
ABOUT_THE_SAME = 0.6
ATTITUDE = re.compile(
    r"(?:love|hate|enjoy|prefer|dislike|adore|avoid|really|never|always|without|cannot|eat"
    r"|encanta|odio|prefiero|evito|nunca|siempre|\w+n't)"
)
"""Words that say how somebody stands to a thing, and not which thing."""

Slot = tuple[str, re.Pattern[str]]


def solve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to the question how pairs stand to each other: each decided once."""
    return {
        "relations": [
            {"id": pair["id"], "relation": relation(pair["first"], pair["second"])}
            for pair in inputs["pairs"]
        ]
    }


def relation(one: str, other: str) -> str:
    """How two statements stand to each other."""
    if is_denied(one) != is_denied(other):
        return "contradicts" if _about_the_same(one, other) else "unrelated"
    mine, its = dict(_values(one)), dict(_values(other))
    shared = [(mine[name], its[name]) for name in mine if name in its]
    if any(_differ(left, right) for left, right in shared):
        return "updates"
    if _figures(one) != _figures(other):
        is_update = _figures(one) and _figures(other) and _words(one) == _words(other)
        return "updates" if is_update else "unrelated"
    return "same" if _words(one) == _words(other) else "unrelated"


def _about_the_same(one: str, other: str) -> bool:
    left, right = _things(one), _things(other)
    if not left or not right:
        return False
    return 2 * len(left & right) / (len(left) + len(right)) >= ABOUT_THE_SAME


def _things(text: str) -> set[str]:
    return {word for word in _words(text) if not ATTITUDE.fullmatch(word)}


def _words(text: str) -> set[str]:
    return set(content_words(NUMBER.sub(" ", text)))


def _figures(text: str) -> list[str]:
    return sorted(NUMBER.findall(text))


def _values(text: str) -> Iterator[tuple[str, set[str]]]:
    """What the statement says of each thing that one has one of."""
    for name, pattern in _slots():
        if found := pattern.search(text):
            named = found.groupdict().get("of") or ""
            thing = " ".join([name, *sorted(content_words(named))])
            yield thing, set(content_words(found["value"]))


def _differ(one: set[str], other: set[str]) -> bool:
    """Are these two values, neither being the other with more words?"""
    return bool(one and other) and not (one <= other or other <= one)


@cache
def _slots() -> list[Slot]:
    return [slot for path in sorted(FOLDER.glob("*.txt")) for slot in _slots_in(path)]


def _slots_in(path: Path) -> Iterator[Slot]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, pattern = line.split(maxsplit=1)
            yield name, re.compile(pattern, re.IGNORECASE)
