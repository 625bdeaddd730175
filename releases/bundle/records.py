"""The lines of a bundle, one class per kind: what a line must be before anything is looked up.

Fields that a class does not name are kept under `extra` and written out again at the top level,
except inside the small objects marked as closed, which have no place to keep them.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from releases.bundle.shapes import (
    Closed,
    Count,
    Language,
    Moment,
    Name,
    Ordinal,
    Part,
    Record,
    Ref,
    RoleName,
    ScopeName,
    Seed,
    Speaker,
    StageName,
    Text,
    Whole,
)


class Rubric(Closed):
    """A version of what a stage asked, frozen."""

    stage: StageName
    version: Ordinal
    document: dict[str, Any]


class StudyRecord(Record):
    """The study's document, with every version of its rubrics that judgments refer to."""

    kind = "study"
    id: Ref
    document: dict[str, Any]
    state: Literal["open", "closed"] = "open"
    rubrics: list[Rubric] = Field(default_factory=list)


class Consent(Closed):
    """What a person allowed, where one version and time holds for every scope."""

    basis: Literal["platform", "external", "none"]
    scopes: list[ScopeName] = Field(default_factory=list)
    version: Annotated[str, Field(max_length=40)] | None = None
    given_at: Moment | None = None


class ConsentRow(Closed):
    """A person's yes to one scope."""

    scope: ScopeName
    version: Annotated[str, Field(max_length=40)] | None = None
    given_at: Moment | None = None
    withdrawn_at: Moment | None = None


class ParticipantRecord(Record):
    """A person under a pseudonym."""

    kind = "participant"
    id: Ref
    traits: dict[str, Any] | None = None
    consent: Consent = Consent(basis="none")
    consents: list[ConsentRow] = Field(default_factory=list)
    language: Language | None = None
    is_expert: bool = False


class EarlierTurn(Part):
    """What stood at a turn's position before it was edited."""

    edition: Ordinal
    role: Speaker
    content: Text


class TurnPart(Part):
    """One utterance as it stands now."""

    role: Speaker
    content: Text
    position: Count | None = None
    edition: Ordinal = 1
    earlier: list[EarlierTurn] = Field(default_factory=list)


class ConversationRecord(Record):
    """What was said, in order."""

    kind = "conversation"
    id: Ref
    participant: Ref | None = None
    source: Literal["live", "donated", "imported"] = "imported"
    models: list[str] | None = None
    turns: list[TurnPart]
    language: Language | None = None
    title: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _positions_grow(self) -> Self:
        last = -1
        for index, turn in enumerate(self.turns):
            position = index if turn.position is None else turn.position
            if position <= last:
                raise ValueError(f"turns[{index}].position is not above the one before it")
            last = position
        return self


class EvidencePart(Closed):
    """A span of a turn, or a conversation as a whole."""

    conversation: Ref
    turn: Count | None = None
    start: Count | None = None
    end: Count | None = None
    edition: Ordinal = 1

    @model_validator(mode="after")
    def _is_span_or_conversation(self) -> Self:
        given = [value is not None for value in (self.turn, self.start, self.end)]
        if any(given) and not all(given):
            raise ValueError("turn, start and end are given together or not at all")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("end must be greater than start")
        return self


class AttributeRecord(Record):
    """A statement about a participant."""

    kind = "attribute"
    id: Ref
    participant: Ref | None = None
    text: Text
    type: (
        Literal[
            "background", "preference", "skill", "goal", "plan", "relation", "possession",
            "state", "constraint",
        ]
        | None
    ) = None  # fmt: skip
    explicitness: Literal["stated", "implied"] | None = None
    scope: Literal["lasting", "for_now", "task"] | None = None
    evidence: list[EvidencePart] | None = None
    flags: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list)
    author: Name = "imported"
    provenance: dict[str, Any] = Field(default_factory=dict)


class TurnBefore(Part):
    """A turn before a prompt."""

    role: Speaker
    content: Text


class PromptRecord(Record):
    """A new request."""

    kind = "prompt"
    id: Ref
    participant: Ref | None = None
    text: Text
    before: list[TurnBefore] | None = None
    type: Literal["recall", "infer", "combine"] | None = None


class GivenTurnPart(Closed):
    """A turn that a generator was given."""

    conversation: Ref
    turn: Count
    edition: Ordinal = 1


class ResponseRecord(Record):
    """A reply to a prompt."""

    kind = "response"
    id: Ref
    prompt: Ref
    participant: Ref | None = None
    strategy: Annotated[str, Field(max_length=60)] | None = None
    attributes: list[Ref] | None = None
    positions: list[Count] | None = None
    mentioned: dict[str, bool] = Field(default_factory=dict)
    turns: list[GivenTurnPart] = Field(default_factory=list)
    model: Name | None = None
    text: Text
    provenance: dict[str, Any] = Field(default_factory=dict)


class SelectionRecord(Record):
    """Whether an attribute was chosen for a prompt, and by whom."""

    kind = "selection"
    prompt: Ref
    attribute: Ref
    source: Name
    value: bool
    provenance: dict[str, Any] = Field(default_factory=dict)


class ExclusionRow(Closed):
    """A span in which somebody's answers are left out of the figures."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
    at: Moment
    ended_at: Moment | None = None


class RaterRecord(Record):
    """Who judges."""

    kind = "rater"
    id: Ref
    rater_kind: Literal["human", "llm", "aggregate"]
    participant: Ref | None = None
    model: Name | None = None
    n: Count | None = None
    prompt_version: Annotated[str, Field(max_length=80)] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    exclusions: list[ExclusionRow] = Field(default_factory=list)


class ItemRecord(Record):
    """One thing judged."""

    kind = "item"
    id: Ref
    stage: StageName
    attribute: Ref | None = None
    conversation: Ref | None = None
    prompt: Ref | None = None
    responses: Annotated[list[Ref], Field(max_length=2)] | None = None
    content_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    edition: Ordinal | None = None


class TaskItemPart(Closed):
    """An item's place in a task."""

    item: Ref
    purpose: Literal["main", "gold", "check", "repeat"] = "main"
    expected: Any = None
    position: Count | None = None


class TaskRecord(Record):
    """What one rater sees on one screen. Who and what it is about follows from its first item
    unless the line says it.
    """

    kind = "task"
    id: Ref
    stage: StageName
    items: Annotated[list[TaskItemPart], Field(min_length=1)]
    participant: Ref | None = None
    conversation: Ref | None = None
    prompt: Ref | None = None
    edition: Ordinal | None = None
    purpose: Literal["main", "gold", "check", "repeat", "adjudication"] | None = None


class JudgmentRecord(Record):
    """A rater's answers to one item."""

    kind = "judgment"
    id: Ref
    item: Ref
    task: Ref | None = None
    rater: Ref
    role: RoleName
    answers: dict[str, Any] | None = None
    usable: bool = True
    raw: Text | None = None
    arm: Annotated[str, Field(min_length=1, max_length=40)] = "plain"
    order: Annotated[list[Ref], Field(max_length=2)] | None = None
    sample: Count = 0
    revision: Ordinal = 1
    rubric_version: Ordinal | None = None
    blinded: bool = True
    submitted_at: Moment | None = None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    idle_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    pasted: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    surplus: bool = False
    comment: Text | None = None
    flag: Literal["uncomfortable", "broken", "personal_data"] | None = None
    device: Annotated[str, Field(max_length=20)] | None = None
    presentation: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    swapped: bool = False
    place: Ordinal | None = None
    added: bool = False
    replaced_by: Ordinal | None = None
    seed: Seed | None = None
    shown: list[Count] | None = None
    screen: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    finished_at: Moment | None = None


class SkipRecord(Record):
    """A rater's refusal to judge an item."""

    kind = "skip"
    item: Ref
    rater: Ref
    reason: Annotated[str, Field(max_length=200)]
    at: Moment | None = None
    task: Ref | None = None
    role: Literal["owner", "peer", "expert"] | None = None
    place: Ordinal | None = None
    added: bool = False
    seed: Seed | None = None
    swapped: bool = False


class AttributeLinkRecord(Whole):
    """How one attribute of a person stands to another."""

    kind = "attribute_link"
    attribute: Ref
    other: Ref
    relation: Literal["duplicate", "superseded", "conflict", "refined"]
    author: Name
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None
    provenance: dict[str, Any] = Field(default_factory=dict)
    at: Moment | None = None


class VerificationRecord(Whole):
    """What a verifier said of an attribute."""

    kind = "verification"
    attribute: Ref
    author: Name
    supported: bool
    fault: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    dropped_at: Moment | None = None
    provenance: dict[str, Any] = Field(default_factory=dict)
    at: Moment | None = None

    @model_validator(mode="after")
    def _names_the_fault(self) -> Self:
        if self.supported != (self.fault is None):
            raise ValueError("fault is given where supported is false, and only there")
        if self.supported and self.dropped_at is not None:
            raise ValueError("dropped_at is given only where supported is false")
        return self


RECORDS: dict[str, type[Record]] = {
    record.kind: record
    for record in (
        StudyRecord,
        ParticipantRecord,
        ConversationRecord,
        AttributeRecord,
        PromptRecord,
        ResponseRecord,
        SelectionRecord,
        RaterRecord,
        ItemRecord,
        TaskRecord,
        JudgmentRecord,
        SkipRecord,
        AttributeLinkRecord,
        VerificationRecord,
    )
}
"""Every kind, in the order in which an export writes them and an import loads them."""
