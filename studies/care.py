"""How a study cares for its people: whom to ask, where to find help, what to warn of."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as ShapeError

from studies.document import Text, sentence_of
from studies.models import Study
from studies.survey import Fault
from studies.wording import worded


class Distressing(BaseModel):
    """What may distress somebody, and how they are warned of it."""

    model_config = ConfigDict(extra="forbid")
    text: Text = Field(min_length=1)
    topics: list[str] = []
    stages: list[str] = []


class Care(BaseModel):
    """The section as a whole."""

    model_config = ConfigDict(extra="forbid")
    contact: Text = {}
    help: Text = {}
    distressing: Distressing | None = None


def care_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `care`."""
    if section is None:
        return []
    try:
        care = Care.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return _unknown(care.distressing, document) if care.distressing else []


def _unknown(distressing: Distressing, document: Mapping[str, Any]) -> list[Fault]:
    """A stage or topic that the study does not have would never be warned of."""
    stages = document.get("stages")
    known = stages if isinstance(stages, dict) else {}
    faults: list[Fault] = [
        (("distressing", "stages", place), f"This study has no stage “{stage}”.")
        for place, stage in enumerate(distressing.stages)
        if stage not in known
    ]
    topics = _topics(document)
    return faults + [
        (("distressing", "topics", place), f"Nobody converses about a topic “{topic}”.")
        for place, topic in enumerate(distressing.topics)
        if topics and topic not in topics
    ]


def _topics(document: Mapping[str, Any]) -> list[Any]:
    """What is conversed about, where the study says so; imported conversations have their own."""
    converse = document.get("converse")
    listed = converse.get("topics") if isinstance(converse, dict) else None
    entries = listed if isinstance(listed, list) else []
    return [entry.get("key") for entry in entries if isinstance(entry, dict)]


def care_of(study: Study) -> Care:
    """The study's care; an empty one where its document says nothing."""
    return Care.model_validate(study.document.get("care") or {})


def contact_of(study: Study, language: str) -> str:
    """Whom to ask about the study; empty where it does not say."""
    return worded(care_of(study).contact, language, study.languages)


def help_of(study: Study, language: str) -> str:
    """Where to find help after something distressing; empty where the study does not say."""
    return worded(care_of(study).help, language, study.languages)


def is_marked(study: Study, *, stage: str, topic: str) -> bool:
    """Does the study warn of this stage, or of conversations on this topic?"""
    marked = care_of(study).distressing
    return marked is not None and (stage in marked.stages or topic in marked.topics)


def warning_of(study: Study, language: str) -> str:
    """What the study says before such content."""
    marked = care_of(study).distressing
    return worded(marked.text, language, study.languages) if marked else ""
