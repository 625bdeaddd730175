"""What merging found out, before it is stored: which attribute stands how to which other.

Duplicates come from groups of near statements and from pairs of which the model says that they are
the same. Of two that cannot both hold the one said later supersedes the other; where a day is not
known, or both were said on one day, they are in conflict and both stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from generation.merging.clusters import Likeness
from generation.merging.relations import Pair, Relation
from generation.merging.statements import Statement, together
from generation.models import AttributeLink

Kind = AttributeLink.Kind


@dataclass(frozen=True)
class Finding:
    """How `attribute` stands to `other`; who says so, and why."""

    attribute: UUID
    other: UUID
    kind: Kind
    author: str
    score: float | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    call_id: UUID | None = None

    @property
    def replaces(self) -> bool:
        """Does the other stand in for it?"""
        return self.kind != Kind.CONFLICT


@dataclass(frozen=True)
class Source:
    """Who decided about pairs: the author, and what is kept of the answer."""

    author: str
    provenance: Mapping[str, Any]
    call_id: UUID | None


def heads_of(
    statements: Sequence[Statement], groups: Sequence[Sequence[int]]
) -> list[tuple[Statement, list[Statement]]]:
    """Of each group the statement that represents it, with all evidence, and the others."""
    found = []
    for group in groups:
        members = sorted((statements[number] for number in group), key=lambda one: one.preference)
        found.append((together(members, members[0]), members[1:]))
    return found


def duplicates(
    statements: Sequence[Statement],
    groups: Sequence[Sequence[int]],
    likeness: Likeness,
    *,
    author: str,
    provenance: Mapping[str, Any],
) -> list[Finding]:
    """A link from each statement to the one that represents it, with how near the two are."""
    places = {statement.id: number for number, statement in enumerate(statements)}
    return [
        Finding(
            attribute=other.id,
            other=head.id,
            kind=Kind.DUPLICATE,
            author=author,
            score=likeness.get(_pair(places[other.id], places[head.id])),
            provenance=dict(provenance),
        )
        for head, others in heads_of(statements, groups)
        for other in others
    ]


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def of_relation(pair: Pair, relation: Relation, source: Source) -> Finding | None:
    """What a decision about a pair comes to; None where both stand side by side."""
    if relation == "unrelated":
        return None
    if relation == "same":
        kept, gone = sorted((pair.first, pair.second), key=lambda one: one.preference)
        return _found(gone, kept, Kind.DUPLICATE, relation, pair, source)
    older, newer = sorted((pair.first, pair.second), key=_by_day)
    if older.said_on and newer.said_on and older.said_on < newer.said_on:
        return _found(older, newer, Kind.SUPERSEDED, relation, pair, source)
    return _found(pair.first, pair.second, Kind.CONFLICT, relation, pair, source)


def _by_day(statement: Statement) -> int:
    return statement.said_on.toordinal() if statement.said_on else 0


def _found(
    one: Statement, other: Statement, kind: Kind, relation: str, pair: Pair, source: Source
) -> Finding:
    days = {"said_on": _written(one), "other_said_on": _written(other)}
    return Finding(
        attribute=one.id,
        other=other.id,
        kind=kind,
        author=source.author,
        score=pair.likeness,
        provenance={**source.provenance, "relation": relation, **days},
        call_id=source.call_id,
    )


def _written(statement: Statement) -> str | None:
    return statement.said_on.isoformat() if statement.said_on else None
