"""The question whether the evidence bears an attribute, the one for a better one, and the answers.

Only words as they stand now are sent: a turn that was edited since gives its newest edition, and
evidence whose quote stands there no more is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from collection.models import Conversation, Turn
from generation import prompt_files
from generation.extraction import Accepted, accept, facts_of, holds_a_list, kinds, object_of
from generation.injections import flags_in
from generation.models import Attribute, Evidence
from generation.stages import REFINE, VERIFY
from llm.exchange import Prompt

FAULTS = (
    "too_general",
    "about_task",
    "no_evidence",
    "unclear_alone",
    "sensitive_guess",
    "out_of_date",
    "other",
)
"""Those of the default rubric of extraction, so that people's and verifiers' can be compared."""
NONE = "none"


class InvalidVerdict(Exception):
    """The answer says neither that it is supported nor what is wrong, or says both."""


class Verdict(BaseModel):
    """A verifier's answer."""

    model_config = ConfigDict(extra="ignore", strict=True)
    supported: bool
    fault: str


@dataclass(frozen=True)
class Quoted:
    """A piece of evidence as it stands now."""

    conversation: Conversation
    turn: Turn
    before: str
    quote: str


def quoted(attribute: Attribute) -> list[Quoted]:
    """The evidence of an attribute that still stands, in the order of conversation and turn."""
    rows = Evidence.objects.filter(attribute=attribute, turn__isnull=False)
    rows = rows.select_related("turn", "conversation")
    found: list[Quoted] = []
    for row in rows.order_by("conversation__ref", "turn__position", "start"):
        assert row.turn is not None
        words = row.turn.content[row.start : row.end]
        turns = row.conversation.turns_at()
        place = [turn.position for turn in turns].index(row.turn.position)
        if words in turns[place].content:
            before = turns[place - 1].content if place else ""
            found.append(Quoted(row.conversation, turns[place], before, words))
    return found


def verdict_schema() -> dict[str, Any]:
    """The JSON schema of a verifier's answer."""
    fault = {"type": "string", "enum": [*FAULTS, NONE]}
    return object_of({"supported": {"type": "boolean"}, "fault": fault})


def verify_prompt(attribute: Attribute, evidence: Sequence[Quoted]) -> Prompt:
    """The question whether the evidence bears the attribute."""
    file = prompt_files.load("verify")
    instructions = file.render(faults=", ".join(f'"{fault}"' for fault in (*FAULTS, NONE)))
    places = [
        {"before": one.before, "said": one.turn.content, "quote": one.quote} for one in evidence
    ]
    facts = {"statement": _as_fact(attribute), "evidence": places}
    return Prompt(
        task=VERIFY,
        messages=prompt_files.messages(instructions, facts),
        inputs=facts,
        version=file.version,
        temperature=0,
        flags=flags_in(facts),
    )


def _as_fact(attribute: Attribute) -> dict[str, str]:
    return {
        "text": attribute.text,
        "type": attribute.type,
        "explicitness": attribute.explicitness,
        "scope": attribute.scope,
    }


def read_verdict(value: Any) -> Verdict:
    """A verifier's answer; raises InvalidVerdict."""
    try:
        verdict = Verdict.model_validate(value)
    except ValidationError as error:
        raise InvalidVerdict("The answer is no verdict.") from error
    if verdict.supported != (verdict.fault == NONE) or verdict.fault not in (*FAULTS, NONE):
        raise InvalidVerdict("The answer does not name exactly what is wrong.")
    return verdict


# -- A better one --------------------------------------------------------------


def refine_prompt(
    attribute: Attribute, fault: str, evidence: Sequence[Quoted], turns: Sequence[Turn]
) -> Prompt:
    """The question for a better statement in place of one with a fault."""
    file = prompt_files.load("refine")
    facts = {
        "statement": {
            **_as_fact(attribute),
            "turn": evidence[0].turn.position,
            "quote": evidence[0].quote,
        },
        "fault": fault,
        "conversation": facts_of(turns),
    }
    return Prompt(
        task=REFINE,
        messages=prompt_files.messages(file.render(**kinds()), facts),
        inputs=facts,
        version=file.version,
        temperature=None,
        flags=flags_in(facts),
    )


class InvalidRevision(Exception):
    """The answer neither gives the attribute up nor writes one better one with a quote."""


def read_revision(value: Any, turns: Sequence[Turn]) -> Accepted | None:
    """The better statement, or None if it was given up; raises InvalidRevision.

    Its quote is looked for as that of any proposal is.
    """
    if not holds_a_list(value):
        raise InvalidRevision("The answer is not a list of attributes.")
    if not value["attributes"]:
        return None
    accepted, refused = accept(value, turns)
    if len(accepted) != 1 or refused:
        reasons = ", ".join(sorted(refused)) or "several"
        raise InvalidRevision(f"The answer is not one attribute with its quote: {reasons}.")
    return accepted[0]


def says_the_same(revision: Accepted, attribute: Attribute) -> bool:
    """Did the extractor stand by its words?"""
    texts = (revision.proposal.text, attribute.text)
    one, other = (" ".join(text.split()).casefold() for text in texts)
    return one == other
