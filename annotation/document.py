"""The `stages` section of the study document: who judges what, how often, by which rubric."""

from collections.abc import Mapping
from typing import Any, Literal

from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as ShapeError

from annotation.assigning import LARGEST_OVERLAP, Assigning
from annotation.assigning_faults import assigning_faults
from annotation.choices import Stage
from annotation.rubric_versions import DEFAULT, rubric_document
from annotation.rubrics.document import parse_rubric
from studies.document import Text, sentence_of

Path = tuple[str | int, ...]
ALTERNATIVES = ("Spread", "Range", "str", "int", "float")
"""Kinds that a value might have been: of no interest to the document's author."""


class Overlap(BaseModel):
    """Places per task and role."""

    model_config = ConfigDict(extra="forbid", strict=True)
    owner: int = Field(default=0, ge=0, le=1)
    peer: int = Field(default=0, ge=0, le=LARGEST_OVERLAP)
    expert: int = Field(default=0, ge=0, le=LARGEST_OVERLAP)


class StageSection(Assigning):
    """One stage's part; what it inherits says how places are given out."""

    overlap: Overlap = Overlap(peer=3)
    lease_minutes: float = Field(default=30, gt=0, le=7 * 24 * 60)
    missing: bool = True
    """Stage 1: ask once per conversation which attributes are missing."""
    pairs: Literal["baseline", "all"] = "baseline"
    """Stage 3: compare generic with each other response, or all with all."""
    session: int | None = Field(default=None, ge=1, le=10_000)
    """A break is offered after so many tasks."""
    guidelines: Text = {}
    """How to judge, for raters, as Markdown."""
    rubric: Any = DEFAULT


def stage_faults(section: Any, document: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Everything wrong with `stages`, each with its path below it."""
    if not isinstance(section, dict):
        return [((), "“stages” is a mapping of extraction, relevance or response to a section.")]
    faults: list[tuple[Path, str]] = []
    for name, stage in section.items():
        if name not in Stage.values:
            faults.append(((name,), f"There is no stage “{name}”: {', '.join(Stage.values)}."))
        else:
            faults += [
                ((name, *path), fault) for path, fault in _faults_of(name, stage or {}, document)
            ]
    return faults


def _faults_of(stage: str, section: Any, document: Mapping[str, Any]) -> list[tuple[Path, str]]:
    try:
        parsed = StageSection.model_validate(section)
    except ShapeError as error:
        return _shape_faults(error)
    faults = [] if parsed.rubric == DEFAULT else _rubric_faults(parsed.rubric)
    if faults:
        return faults
    rubric = parse_rubric(rubric_document(section, stage))
    return assigning_faults(stage, parsed, parsed.overlap.model_dump(), rubric, document)


def _shape_faults(error: ShapeError) -> list[tuple[Path, str]]:
    """One per place: a value that might have been several kinds is at fault once."""
    faults: dict[Path, str] = {}
    for fault in error.errors():
        path = tuple(part for part in fault["loc"] if not _is_alternative(part))
        faults.setdefault(path, sentence_of(fault))
    return list(faults.items())


def _is_alternative(part: str | int) -> bool:
    return part in ALTERNATIVES or str(part).startswith("literal[")


def _rubric_faults(rubric: Any) -> list[tuple[Path, str]]:
    try:
        parse_rubric(rubric)
    except ValidationError as error:
        return [
            (("rubric", *(fault.params or {}).get("path", ())), fault.messages[0])
            for fault in error.error_list
        ]
    return []
