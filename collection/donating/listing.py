"""A donation as a list: what is known of each conversation without opening it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

from collection.importers.format import Past
from collection.importers.reading import Found

LONGEST_WORDS = 160
STORED = ("number", "place", "origin", "title", "began_at", "words", "turns", "fault")
SALT = "collection.donating.origin"


@dataclass(frozen=True, slots=True)
class Listed:
    """One conversation of a donation."""

    number: int
    """Its name inside the donation, from 1."""
    place: int
    """Where it begins in the donation's file."""
    origin: str
    """Digest of the person and the file's own name for the conversation; empty with a fault."""
    title: str
    began_at: datetime | None
    words: str
    """The first that were said."""
    turns: list[int]
    """How many, per version."""
    fault: str = ""
    """Why it can't be given."""
    is_given: bool = False
    """It was given before."""
    is_too_old: bool = False
    """The study asks for later ones."""

    @property
    def can_be_given(self) -> bool:
        """May its owner choose it?"""
        return not (self.fault or self.is_given or self.is_too_old)

    @property
    def versions(self) -> int:
        """How many ways it went."""
        return len(self.turns)


def listed(found: Found, number: int, place: int, owner: str) -> Listed:
    """The line of a conversation that was found."""
    past = found.past
    return Listed(
        number=number,
        place=place,
        origin="" if found.fault else origin_of(found, owner),
        title=past.title,
        began_at=past.began_at,
        words=_first_words(past),
        turns=[len(version) for version in past.versions],
        fault=found.fault,
    )


def origin_of(found: Found, owner: str) -> str:
    """The same for the same conversation of the same person, and says nothing about either."""
    past = found.past
    name = past.key or "\n".join(turn.content for turn in past.turns)
    value = "\0".join([owner, found.format, name])
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()


def as_record(one: Listed) -> dict[str, Any]:
    """The line as JSON can hold it."""
    record = {name: getattr(one, name) for name in STORED}
    return record | {"began_at": one.began_at.isoformat() if one.began_at else None}


def from_record(record: dict[str, Any]) -> Listed:
    """The same back."""
    began = record["began_at"]
    return Listed(**record | {"began_at": datetime.fromisoformat(began) if began else None})


def marked(one: Listed, *, is_given: bool, is_too_old: bool) -> Listed:
    """The line with what is known now."""
    return replace(one, is_given=is_given, is_too_old=is_too_old)


def _first_words(past: Past) -> str:
    turns = past.version(0) if past.versions else []
    first = next((turn for turn in turns if turn.role == "user"), turns[0] if turns else None)
    return " ".join(first.content[: 4 * LONGEST_WORDS].split())[:LONGEST_WORDS] if first else ""
