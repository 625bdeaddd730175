"""The question how statements of one person stand to each other, and how its answer is read.

A model sees pairs under short ids of the question's own, and nothing of when or where they were
said: which of two is newer is a matter of dates and not of opinion.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from generation import prompt_files
from generation.extraction import object_of
from generation.injections import flags_in
from generation.merging.statements import Statement
from generation.stages import MERGE
from llm.exchange import Prompt

Relation = Literal["same", "updates", "contradicts", "unrelated"]
RELATIONS = ("same", "updates", "contradicts", "unrelated")
PAIRS_AT_ONCE = 25
MOST_PAIRS = 200
"""Of one person that are asked about, the nearest; the result counts how many were left out."""
PASSING = "task"
"""The scope of what holds for one request: another request may well say otherwise."""


class InvalidRelations(Exception):
    """The answer does not decide each pair exactly once."""


@dataclass(frozen=True)
class Pair:
    """Two statements that are near but not the same."""

    first: Statement
    second: Statement
    likeness: float


class Decision(BaseModel):
    """One pair's."""

    model_config = ConfigDict(extra="ignore", strict=True)
    id: str
    relation: Relation


class Decisions(BaseModel):
    """A model's answer."""

    model_config = ConfigDict(extra="ignore", strict=True)
    relations: list[Decision]


def pairs_of(
    statements: Sequence[Statement], likeness: Mapping[tuple[int, int], float]
) -> list[Pair]:
    """The pairs to ask about, nearest first: of one type, and said of more than one request."""
    found = [
        Pair(statements[one], statements[other], value)
        for (one, other), value in likeness.items()
        if _may_conflict(statements[one], statements[other])
    ]
    return sorted(found, key=lambda pair: (-pair.likeness, pair.first.ref, pair.second.ref))


def _may_conflict(one: Statement, other: Statement) -> bool:
    return one.type == other.type != "" and PASSING not in (one.scope, other.scope)


def portions(pairs: Sequence[Pair]) -> list[Sequence[Pair]]:
    """The pairs of each question."""
    asked = pairs[:MOST_PAIRS]
    return [asked[start : start + PAIRS_AT_ONCE] for start in range(0, len(asked), PAIRS_AT_ONCE)]


def schema(count: int) -> dict[str, Any]:
    """The JSON schema of an answer about so many pairs."""
    properties = {
        "id": {"type": "string", "enum": _names(count)},
        "relation": {"type": "string", "enum": list(RELATIONS)},
    }
    entry = object_of(properties)
    return object_of({"relations": {"type": "array", "items": entry}})


def _names(count: int) -> list[str]:
    return [f"p{number}" for number in range(1, count + 1)]


def prompt_for(pairs: Sequence[Pair]) -> Prompt:
    """The question how the two of each pair stand to each other."""
    file = prompt_files.load("merge")
    named = zip(_names(len(pairs)), pairs, strict=True)
    facts = {
        "pairs": [
            {"id": name, "first": pair.first.text, "second": pair.second.text}
            for name, pair in named
        ]
    }
    return Prompt(
        task=MERGE,
        messages=prompt_files.messages(file.render(), facts),
        inputs=facts,
        version=file.version,
        temperature=0,
        flags=flags_in(facts),
    )


def read_relations(value: Any, pairs: Sequence[Pair]) -> list[Relation]:
    """For each pair in order what was decided.

    Raises InvalidRelations if one is missing, unknown or decided twice.
    """
    try:
        decisions = Decisions.model_validate(value).relations
    except ValidationError as error:
        raise InvalidRelations("The answer is not a list of relations.") from error
    names = _names(len(pairs))
    counts = Counter(decision.id for decision in decisions)
    if set(counts) != set(names) or any(count > 1 for count in counts.values()):
        raise InvalidRelations("The answer does not decide each pair exactly once.")
    decided = {decision.id: decision.relation for decision in decisions}
    return [decided[name] for name in names]
