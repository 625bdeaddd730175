"""The study document's section on extraction: who verifies, and how a person's are merged."""

from collections.abc import Mapping
from typing import Any, Literal

from django.core.exceptions import ValidationError
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as ShapeError

from collection.endpoints import endpoint_for
from generation.stages import VERIFY
from llm.models import Endpoint
from studies.document import sentence_of
from studies.models import Study

EXTRACTION = "extraction"
LEXICAL, EMBEDDINGS = "lexical", "embeddings"
NEAR = {LEXICAL: 0.3, EMBEDDINGS: 0.6}
"""From here on two attributes are near enough to ask how they stand to each other."""

Fault = tuple[tuple[str | int, ...], str]


class MergeSection(BaseModel):
    """When two attributes of a person say the same."""

    model_config = ConfigDict(extra="forbid", strict=True)
    by: Literal["lexical", "embeddings"] = "lexical"
    endpoint: str = Field(default="", max_length=60)
    threshold: float = Field(default=0.85, gt=0, le=1)
    near: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _names_its_endpoint(self) -> "MergeSection":
        if (self.by == EMBEDDINGS) != bool(self.endpoint):
            raise ValueError("“endpoint” is needed by “embeddings”, and by nothing else")
        if self.least > self.threshold:
            raise ValueError("“near” cannot be more than “threshold”")
        return self

    @property
    def least(self) -> float:
        """From here on attributes are near."""
        return min(NEAR[self.by], self.threshold) if self.near is None else self.near


class VerifySection(BaseModel):
    """Who looks at what was proposed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    endpoint: str = Field(default="", max_length=60)


class ExtractionSection(BaseModel):
    """What becomes of what models propose."""

    model_config = ConfigDict(extra="forbid", strict=True)
    merge: MergeSection = MergeSection()
    verify: VerifySection = VerifySection()


def extraction_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `extraction`."""
    if section is None:
        return []
    try:
        ExtractionSection.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def extraction_section(study: Study) -> ExtractionSection:
    """The study's section; the defaults where it says nothing."""
    return ExtractionSection.model_validate(study.document.get(EXTRACTION) or {})


def stage_endpoint(study: Study, stage: str, name: str = "") -> Endpoint:
    """Whom a stage asks: the one named, else the document's for it, else the study's first.

    Raises ValidationError as `endpoint_for` does.
    """
    if not name and stage == VERIFY:
        name = extraction_section(study).verify.endpoint
    return endpoint_for(study, name)


def vectors_endpoint(study: Study) -> Endpoint | None:
    """The endpoint whose vectors tell what is near; None where shared words do.

    Raises ValidationError as `endpoint_for` does, and if it makes no vectors.
    """
    section = extraction_section(study).merge
    if section.by != EMBEDDINGS:
        return None
    endpoint = endpoint_for(study, section.endpoint)
    if endpoint.protocol != Endpoint.Protocol.EMBEDDINGS:
        raise ValidationError(f"The endpoint “{section.endpoint}” makes no embeddings.")
    return endpoint
