"""The question which attributes matter for a prompt, and how its answer is read.

A model sees the attributes under short ids of the question's own (`a1`, `a2`, …): the rows' names
may tell where they come from.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from generation import prompt_files
from generation.injections import flags_in
from generation.models import Attribute, Prompt
from llm import exchange


class InvalidDecisions(Exception):
    """The answer doesn't decide each attribute exactly once."""


class Decision(BaseModel):
    """One attribute's."""

    model_config = ConfigDict(extra="ignore", strict=True)
    id: str
    relevant: bool


class Decisions(BaseModel):
    """A model's answer."""

    model_config = ConfigDict(extra="ignore", strict=True)
    decisions: list[Decision]


def schema(count: int) -> dict[str, Any]:
    """The JSON schema of an answer about so many attributes."""
    properties = {
        "id": {"type": "string", "enum": _names(count)},
        "relevant": {"type": "boolean"},
    }
    entry = _object(properties)
    return _object({"decisions": {"type": "array", "items": entry}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    kind: Literal["object"] = "object"
    return {
        "type": kind,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _names(count: int) -> list[str]:
    return [f"a{number}" for number in range(1, count + 1)]


def prompt_for(prompt: Prompt, attributes: Sequence[Attribute]) -> exchange.Prompt:
    """The question which of these attributes matter for the prompt."""
    file = prompt_files.load("relevance")
    named = zip(_names(len(attributes)), attributes, strict=True)
    facts = {
        "before": prompt.before,
        "request": prompt.text,
        "notes": [{"id": name, "text": attribute.text} for name, attribute in named],
    }
    return exchange.Prompt(
        task="relevance",
        messages=prompt_files.messages(file.render(), facts),
        inputs=facts,
        version=file.version,
        temperature=0,
        flags=flags_in(facts),
    )


def read_decisions(value: Any, attributes: Sequence[Attribute]) -> dict[UUID, bool]:
    """For each attribute whether it was chosen.

    Raises InvalidDecisions if one is missing, unknown or decided twice: what a model left out
    was not decided, and "not relevant" would be a guess.
    """
    try:
        decisions = Decisions.model_validate(value).decisions
    except ValidationError as error:
        raise InvalidDecisions("The answer is not a list of decisions.") from error
    names = dict(zip(_names(len(attributes)), attributes, strict=True))
    counts = Counter(decision.id for decision in decisions)
    if set(counts) != set(names) or any(count > 1 for count in counts.values()):
        raise InvalidDecisions("The answer does not decide each note exactly once.")
    return {names[decision.id].pk: decision.relevant for decision in decisions}
