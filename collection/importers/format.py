"""What a format of past conversations is: how its rows are known, and how one is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

Row = Mapping[str, Any]
"""One conversation as it stands in the file."""


class Unreadable(Exception):
    """The file as a whole is refused; holds a sentence for whoever gave it."""


class Unusable(Exception):
    """One conversation can't be given, the others can; holds a sentence for its owner."""


class Shape(BaseModel):
    """An object of a foreign file; what we do not name is not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


@dataclass(frozen=True, slots=True)
class PastTurn:
    """One utterance of a past conversation."""

    role: str
    """As `collection.models.Turn.Role`."""
    content: str
    model: str = ""
    """Who replied, where the file tells."""


@dataclass(frozen=True, slots=True)
class Past:
    """A past conversation with its versions, which share their turns."""

    key: str
    """The file's own name for it; empty where it has none."""
    title: str
    began_at: datetime | None
    turns: Sequence[PastTurn]
    """Of all versions."""
    versions: Sequence[Sequence[int]]
    """Indices of `turns` in order; the first version is the one its owner saw last."""

    def version(self, number: int) -> list[PastTurn]:
        """The turns of a version, from 0."""
        return [self.turns[index] for index in self.versions[number]]


@dataclass(frozen=True, slots=True)
class Format:
    """A way in. `recognizes` looks at one row; `read` raises Unusable or pydantic's error."""

    name: str
    recognizes: Callable[[Row], bool]
    read: Callable[[Row], Past]


def linear(key: str, title: str, began_at: datetime | None, turns: Sequence[PastTurn]) -> Past:
    """A past conversation of one version, without the turns that say nothing."""
    said = [turn for turn in turns if turn.content.strip()]
    return Past(key, title, began_at, said, [range(len(said))] if said else [])


def objects_in(row: Row, name: str) -> list[Row]:
    """The objects of a row's list of this name; empty where it is anything else."""
    found = row.get(name)
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict)]
