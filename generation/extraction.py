"""What a model proposed about a person, and which of it may be kept: what it can quote."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collection.models import Turn
from generation import prompt_files
from generation.injections import flags_in
from generation.models import Attribute
from llm.exchange import Prompt

LONGEST_STATEMENT = 500
LONGEST_QUOTE = 2_000
MOST_ATTRIBUTES = 100
"""How many of one answer are looked at; the rest is counted as refused."""

Label = Annotated[str, Field(strict=True)]


class Proposal(BaseModel):
    """One attribute as a model wrote it down."""

    model_config = ConfigDict(extra="ignore", strict=True)
    text: Label
    type: Label
    explicitness: Label
    scope: Label
    turn: int
    quote: Label
    confidence: float | None = Field(default=None, ge=0, le=1)


@dataclass(frozen=True)
class Accepted:
    """A proposal whose quote was found, and where: code points of that turn's content."""

    proposal: Proposal
    turn: Turn
    start: int
    end: int


def schema() -> dict[str, Any]:
    """The JSON schema of an answer; strict, as constrained decoding wants it."""
    properties = {
        "text": {"type": "string"},
        "type": {"type": "string", "enum": Attribute.Type.values},
        "explicitness": {"type": "string", "enum": Attribute.Explicitness.values},
        "scope": {"type": "string", "enum": Attribute.Scope.values},
        "turn": {"type": "integer"},
        "quote": {"type": "string"},
        "confidence": {"type": "number"},
    }
    entry = object_of(properties)
    return object_of({"attributes": {"type": "array", "items": entry}})


def object_of(properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def prompt_for(turns: Sequence[Turn], *, temperature: float | None = None) -> Prompt:
    """The question what these turns tell about the person."""
    file = prompt_files.load("extraction")
    facts = {"conversation": facts_of(turns)}
    return Prompt(
        task="extraction",
        messages=prompt_files.messages(file.render(**kinds()), facts),
        inputs=facts,
        version=file.version,
        temperature=temperature,
        max_tokens=None,
        seed=None,
        flags=flags_in(facts),
    )


def kinds() -> dict[str, str]:
    """The values that an attribute's fields may have, for instructions."""
    return {
        "types": _quoted(Attribute.Type.values),
        "explicitness": _quoted(Attribute.Explicitness.values),
        "scopes": _quoted(Attribute.Scope.values),
    }


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def facts_of(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """A conversation as a model is shown it."""
    return [
        {"position": turn.position, "role": turn.role, "content": turn.content} for turn in turns
    ]


def accept(value: Any, turns: Sequence[Turn]) -> tuple[list[Accepted], dict[str, int]]:
    """Of a model's answer, what may be kept, and how many were refused for which reason.

    A quote must stand, code point for code point, in the user's turn that was named; its first
    occurrence there counts. Models miscount turns: a quote that stands in exactly one other turn
    of the user is accepted for that turn. Reasons: `malformed`, `empty`, `too_long`, `too_many`,
    `unstorable`, `unknown_type`, `unknown_explicitness`, `unknown_scope`, `quote_not_found`,
    `duplicate`.
    """
    users = {turn.position: turn for turn in turns if turn.role == Turn.Role.USER}
    accepted: dict[str, Accepted] = {}
    refused: Counter[str] = Counter()
    for number, entry in enumerate(_entries(value)):
        proposal, reason = _read(entry) if number < MOST_ATTRIBUTES else (None, "too_many")
        found = _place_of(proposal, users) if proposal else None
        if proposal is None or found is None:
            refused[reason or "quote_not_found"] += 1
        elif (key := _same(proposal.text)) in accepted:
            refused["duplicate"] += 1
        else:
            accepted[key] = found
    return list(accepted.values()), dict(refused)


def holds_a_list(value: Any) -> bool:
    """Is there a list of attributes, whatever stands in it?"""
    return isinstance(value, Mapping) and isinstance(value.get("attributes"), list)


def _entries(value: Any) -> list[Any]:
    return list(value["attributes"]) if holds_a_list(value) else []


def _read(entry: Any) -> tuple[Proposal | None, str]:
    """The proposal in an entry, or None and the reason for refusing it."""
    try:
        proposal = Proposal.model_validate(entry)
    except ValidationError:
        return None, "malformed"
    reason = _fault(proposal)
    return (None, reason) if reason else (proposal, "")


def _fault(proposal: Proposal) -> str:
    if not proposal.text.strip() or not proposal.quote.strip():
        return "empty"
    if len(proposal.text) > LONGEST_STATEMENT or len(proposal.quote) > LONGEST_QUOTE:
        return "too_long"
    if any(not _is_storable(text) for text in (proposal.text, proposal.quote)):
        return "unstorable"
    if proposal.type not in Attribute.Type.values:
        return "unknown_type"
    if proposal.explicitness not in Attribute.Explicitness.values:
        return "unknown_explicitness"
    if proposal.scope not in Attribute.Scope.values:
        return "unknown_scope"
    return ""


def _is_storable(text: str) -> bool:
    """PostgreSQL takes no NUL, and a lone surrogate is no text."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


def _place_of(proposal: Proposal, users: Mapping[int, Turn]) -> Accepted | None:
    named = users.get(proposal.turn)
    if named is not None and proposal.quote in named.content:
        return _accepted(proposal, named)
    others = [turn for turn in users.values() if proposal.quote in turn.content]
    return _accepted(proposal, others[0]) if len(others) == 1 else None


def _accepted(proposal: Proposal, turn: Turn) -> Accepted:
    start = turn.content.index(proposal.quote)
    return Accepted(proposal, turn, start, start + len(proposal.quote))
