"""What is judged, as far as figures need it: whom it is about, and which responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Drawn: TypeAlias = Literal["persons", "requests", "items"]
"""What is drawn together in a resample: all about a person; of what is about nobody a request, or
the item alone."""


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What is known of a response that raters were not told."""

    length: int
    """In code points."""
    mentions: bool | None
    """Does it say anything outright that its generator was given? None: not looked at."""
    model: str
    strategy: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """Of one thing judged: the person it is about, and its responses, if any.

    A question about one response has that one alone as `first`.
    """

    person: str
    first: ResponseFacts | None = None
    second: ResponseFacts | None = None
    author: str = ""
    """Who proposed the statement that is judged."""
    drawn: Drawn = "persons"
    """What `person` names."""


Facts = Mapping[str, UnitFacts]
"""By unit; a unit `item/target` may be known by its item alone."""


def facts_of(facts: Facts, unit: str) -> UnitFacts:
    """The unit's own facts, or whom its item is about; an unknown item is about nobody."""
    known = facts.get(unit)
    if known is not None:
        return known
    item = item_of(facts, unit)
    if item not in facts:
        return UnitFacts(f"item {item}", drawn="items")
    return UnitFacts(facts[item].person, author=facts[item].author, drawn=facts[item].drawn)


def item_of(facts: Facts, unit: str) -> str:
    """The item of a unit `item/target`; of an unknown one, what stands before the first slash."""
    parts = unit.split("/")
    prefixes = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((each for each in prefixes if each in facts), parts[0])
