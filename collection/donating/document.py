"""The study document's section on giving past conversations."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as ShapeError

from studies.document import sentence_of
from studies.models import Study

Fault = tuple[tuple[str | int, ...], str]
FormatName = Literal["chatgpt", "claude", "sharegpt", "wildchat", "jsonl"]


class DonateSection(BaseModel):
    """What past conversations a study asks for."""

    model_config = ConfigDict(extra="forbid")
    formats: list[FormatName] = Field(default=list(get_args(FormatName)), min_length=1)
    least: int = Field(default=1, ge=1, le=1000)
    """The part is done once so many were given."""
    most: int = Field(default=20, ge=1, le=1000)
    since: date | None = None
    """Older conversations, and those without a date, are not offered."""

    @model_validator(mode="after")
    def _least_is_possible(self) -> "DonateSection":
        if self.least > self.most:
            raise ValueError("“least” is more than “most”")
        return self


def donate_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `donate`."""
    try:
        DonateSection.model_validate({} if section is None else section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def terms_of(study: Study) -> DonateSection | None:
    """What the study asks for; None where it asks for no past conversations."""
    if "donate" not in study.document:
        return None
    return DonateSection.model_validate(study.document["donate"] or {})
