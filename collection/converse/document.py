"""The study document's section on live conversations."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as ShapeError

from studies.document import Text, sentence_of
from studies.models import ConsentScope, Study

Fault = tuple[tuple[str | int, ...], str]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Weight = Annotated[float, Field(gt=0, le=1_000_000)]

ALWAYS_KNOWN = ("default", "baseline")
"""Endpoints that every study has."""


class Topic(BaseModel):
    """Something to talk about."""

    model_config = ConfigDict(extra="forbid")
    key: Key
    label: Text = Field(min_length=1)
    hint: Text = {}


class ModelEntry(BaseModel):
    """A model that may be drawn, and how often in relation to the others."""

    model_config = ConfigDict(extra="forbid")
    endpoint: str = Field(min_length=1, max_length=60)
    weight: Weight = 1


class SystemPrompt(BaseModel):
    """Instructions that the models may be given; the person does not see them."""

    model_config = ConfigDict(extra="forbid")
    key: Key
    text: str = Field(min_length=1, max_length=50_000)
    weight: Weight = 1


class ConverseSection(BaseModel):
    """How people talk to models in this study."""

    model_config = ConfigDict(extra="forbid")
    conversations: int = Field(default=1, ge=1, le=100)
    min_turns: int = Field(default=2, ge=1, le=100)
    max_turns: int = Field(default=10, ge=1, le=200)
    topics: list[Topic] = []
    models: list[ModelEntry] = Field(default=[], max_length=50)
    system_prompts: list[SystemPrompt] = []
    replies: int = Field(default=1, ge=1, le=4)
    rating: bool = True
    longest: int = Field(default=8000, ge=10, le=100_000)


def section_of(study: Study) -> ConverseSection | None:
    """The section of a loaded study; None where nobody converses."""
    section = study.document.get("converse")
    return None if section is None else ConverseSection.model_validate(section)


def converse_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `converse`."""
    if section is None:
        return []
    try:
        checked = ConverseSection.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return [*_names_twice(checked), *_unknown(checked, document), *_unsaid(checked, document)]


def _names_twice(section: ConverseSection) -> list[Fault]:
    named = {
        "topics": [topic.key for topic in section.topics],
        "models": [model.endpoint for model in section.models],
        "system_prompts": [prompt.key for prompt in section.system_prompts],
    }
    return [
        ((part, position), f"The name “{name}” stands here twice.")
        for part, names in named.items()
        for position, name in enumerate(names)
        if name in names[:position]
    ]


def _unknown(section: ConverseSection, document: Mapping[str, Any]) -> list[Fault]:
    """Models that the study does not list; what is no list is found by its own check."""
    listed = document.get("endpoints")
    entries = listed if isinstance(listed, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    known = {*ALWAYS_KNOWN, *names}
    return [
        (("models", position, "endpoint"), f"“{model.endpoint}” is not listed in `endpoints`.")
        for position, model in enumerate(section.models)
        if model.endpoint not in known
    ]


def _unsaid(section: ConverseSection, document: Mapping[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    if section.max_turns < section.min_turns:
        faults.append((("max_turns",), "This must be at least as many as min_turns."))
    consent = document.get("consent")
    scopes = consent.get("scopes") if isinstance(consent, dict) else None
    if not isinstance(scopes, list) or ConsentScope.CONVERSE.value not in scopes:
        sentence = "Conversations go to a model: `consent.scopes` must hold `converse`."
        faults.append(((), sentence))
    return faults
