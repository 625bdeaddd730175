"""What owners write themselves, attributes and prompts: the study's sections on it, and reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as ShapeError

from collection.models import Conversation, Turn
from generation.models import Attribute, Evidence, Prompt
from studies.document import sentence_of
from studies.models import Part, Participant, Study

ATTRIBUTES = "attributes"
PROMPTS = "prompts"
OWNER = "owner"
"""The author of attributes that a person wrote about themselves."""
LONGEST_REQUEST = 4_000
"""Characters of a prompt that a person writes."""

Fault = tuple[tuple[str | int, ...], str]


class AttributesSection(BaseModel):
    """How many attributes owners write before they see what a model noticed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    least: int = Field(default=0, ge=0, le=100)
    most: int = Field(default=20, ge=1, le=100)

    @model_validator(mode="after")
    def _least_fits(self) -> "AttributesSection":
        if self.least > self.most:
            raise ValueError("“least” cannot be more than “most”")
        return self


class PromptsSection(BaseModel):
    """How many requests owners write, and how they are asked for them."""

    model_config = ConfigDict(extra="forbid", strict=True)
    count: int = Field(default=2, ge=1, le=20)
    wording: dict[str, str] = {}


def attributes_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `attributes`."""
    return _faults(AttributesSection, section)


def prompts_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `prompts`."""
    return _faults(PromptsSection, section)


def _faults(shape: type[BaseModel], section: Any) -> list[Fault]:
    if section is None:
        return []
    try:
        shape.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def attributes_section(study: Study) -> AttributesSection | None:
    """The study's section; None where it does not ask."""
    section = study.document.get(ATTRIBUTES)
    return None if section is None else AttributesSection.model_validate(section)


def prompts_section(study: Study) -> PromptsSection | None:
    """The study's section; None where it does not ask."""
    section = study.document.get(PROMPTS)
    return None if section is None else PromptsSection.model_validate(section)


def shared_conversations(participant: Participant) -> list[Conversation]:
    """What the person shared in the study, oldest first, with its turns; two queries."""
    turns = Prefetch("turns", Turn.objects.order_by("position", "edition"))
    rows = participant.conversations.prefetch_related(turns)
    return list(rows.order_by("shared_at", "ref"))


def has_shared(participant: Participant) -> bool:
    """Is anything of the person's own in the study? Without it nothing is asked about them."""
    return participant.conversations.exists()


def attributes_before_models(participant: Participant) -> Sequence[Attribute]:
    """What the person wrote before they saw a model's, in the order written."""
    rows = participant.attributes.filter(author=OWNER, provenance__before_models=True)
    evidence = Prefetch("evidence", Evidence.objects.select_related("conversation"))
    return sorted(rows.prefetch_related(evidence), key=lambda row: row.provenance.get("line", 0))


def own_prompts(participant: Participant) -> Sequence[Prompt]:
    """What the person would ask next, in the order written."""
    return sorted(participant.prompts.all(), key=lambda row: row.extra.get("line", 0))


def is_finished(participant: Participant, part: str) -> bool:
    """Has the person finished the part of that name?"""
    rows = Part.objects.filter(participant=participant, name=part, finished_at__isnull=False)
    return rows.exists()
