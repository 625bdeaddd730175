"""What merging knows of a person's attributes: the words, how often and when they were said."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from generation.models import Attribute, Evidence

BEGAN_ON = "began_on"
"""Of a conversation: the day on which it began."""
SAID_ON = "said_on"
"""Of a turn, where its own day is known."""


@dataclass(frozen=True)
class Statement:
    """An attribute as merging sees it."""

    id: UUID
    ref: str
    text: str
    type: str
    scope: str
    evidence: int
    """In how many places it was said."""
    said_on: date | None
    """The last day on which it was said, where that is known."""

    @property
    def preference(self) -> tuple[int, int, int, str]:
        """Of several that say the same the smallest represents them.

        Most evidence, then newest (unknown days last), then shortest, then the first by name.
        """
        day = self.said_on.toordinal() if self.said_on else 0
        return (-self.evidence, -day, len(self.text), self.ref)


def statements_of(rows: Iterable[Attribute]) -> list[Statement]:
    """The attributes as statements, in the order of refs; one query for where they were said."""
    attributes = sorted(rows, key=lambda row: row.ref)
    places: dict[UUID, int] = defaultdict(int)
    days: dict[UUID, list[date]] = defaultdict(list)
    found = Evidence.objects.filter(attribute__in=[row.pk for row in attributes])
    for attribute, turn, conversation in found.values_list(
        "attribute", "turn__extra", "conversation__extra"
    ):
        places[attribute] += 1
        if (day := day_of(turn, conversation)) is not None:
            days[attribute].append(day)
    return [
        Statement(
            id=row.pk,
            ref=row.ref,
            text=row.text,
            type=row.type,
            scope=row.scope,
            evidence=places[row.pk],
            said_on=max(days[row.pk], default=None),
        )
        for row in attributes
    ]


def day_of(turn: Any, conversation: Any) -> date | None:
    """The day of a turn, or on which its conversation began; None if neither is known."""
    for extra, key in ((turn, SAID_ON), (conversation, BEGAN_ON)):
        day = _day(extra.get(key)) if isinstance(extra, dict) else None
        if day is not None:
            return day
    return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def together(members: Sequence[Statement], head: Statement) -> Statement:
    """The statement that represents others, with all their evidence and their last day."""
    days = [one.said_on for one in members if one.said_on]
    return Statement(
        id=head.id,
        ref=head.ref,
        text=head.text,
        type=head.type,
        scope=head.scope,
        evidence=sum(one.evidence for one in members),
        said_on=max(days, default=None),
    )
