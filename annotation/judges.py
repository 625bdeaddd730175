"""The study document's judges: which model judges with which prompt file, parameters and arm."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as ShapeError

from annotation.stages.registry import STAGES
from generation import prompt_files
from generation.document import repeated
from generation.prompt_files import PromptFile
from studies.document import sentence_of
from studies.models import Study

FOLDER = Path(__file__).parent / "prompts"
MOST_SAMPLES = 100
MOST_TOKENS = 1_000_000
PROFILE = "profile"

DocumentPath = tuple[str | int, ...]


class JudgeSpec(BaseModel):
    """One judge as the study document describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")
    endpoint: str = Field(default="", max_length=60)
    """The study's or the site's name for it; empty: the study's first."""
    prompt: str = ""
    """A prompt file; empty: the stage's own."""
    temperature: float | None = Field(default=0, ge=0, le=2)
    samples: int = Field(default=1, ge=1, le=MOST_SAMPLES)
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    """Of one answer; None leaves it to the endpoint. What is cut off is unusable."""
    reasoning: bool = False
    """Whether a reason is asked for before the verdict; it is kept as the judge's comment."""
    orders: Literal["both", "drawn", "given"] = "both"
    """Two responses both ways round, one way drawn for each task, or as they are stored."""
    arm: Literal["plain", "profile"] = "plain"

    def prompt_file(self, stage: str) -> PromptFile:
        """The file with this judge's instructions at a stage."""
        return prompt_files.load(self.prompt or STAGES[stage].judge_prompt, FOLDER)


def judge_faults(section: Any, document: Mapping[str, Any]) -> list[tuple[DocumentPath, str]]:
    """What is wrong with `judges`."""
    if section is None:
        return []
    try:
        specs = TypeAdapter(list[JudgeSpec]).validate_python(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    unknown = [
        ((position, "prompt"), f"There is no prompt named “{spec.prompt}”; there are {_known()}.")
        for position, spec in enumerate(specs)
        if spec.prompt and spec.prompt not in prompt_files.names(FOLDER)
    ]
    return unknown + repeated([spec.name for spec in specs])


def _known() -> str:
    return ", ".join(prompt_files.names(FOLDER))


def judges_of(study: Study) -> list[JudgeSpec]:
    """Those that the study document lists."""
    return [JudgeSpec.model_validate(entry) for entry in study.document.get("judges") or []]


def judge_named(study: Study, name: str) -> JudgeSpec:
    """The study's judge of this name; raises ValidationError if there is none."""
    judges = judges_of(study)
    for spec in judges:
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in judges) or "none"
    raise ValidationError(f"The study has no judge named “{name}”; it has {known}.")
