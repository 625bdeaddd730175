"""Which rubric a stage of a study uses, parsed once per process and version."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from annotation.models import Item, RubricVersion
from annotation.rubrics.document import Rubric, parse_rubric
from annotation.rubrics.loading import load_default
from studies.models import Study

DEFAULT = "default"


def rubric_document(section: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """The rubric of a stage's section of the study document: its own, or the default one."""
    rubric = section.get("rubric", DEFAULT)
    return load_default(stage) if rubric == DEFAULT else dict(rubric)


def rubric_of(study: Study, stage: str) -> Rubric:
    """The rubric in force. Costs a query only when this process has not met the version yet."""
    section = (study.document.get("stages") or {}).get(stage) or {}
    rubric = section.get("rubric", DEFAULT)
    version = default_version(stage) if rubric == DEFAULT else rubric["version"]
    return rubric_at(study.id, stage, version)


@lru_cache
def default_version(stage: str) -> int:
    """The version of the rubric that a stage has unless the study writes its own."""
    version: int = load_default(stage)["version"]
    return version


@lru_cache(maxsize=512)
def rubric_at(study_id: UUID, stage: str, version: int) -> Rubric:
    """A frozen version; raises RubricVersion.DoesNotExist."""
    row = RubricVersion.objects.get(study_id=study_id, stage=stage, version=version)
    return parse_rubric(row.document)


@lru_cache(maxsize=1)
def missing_rubric() -> Rubric:
    """What is asked once per conversation: which attributes a careful reader would add."""
    return parse_rubric(load_default("missing"))


def rubric_for_item(item: Item, rubric: Rubric) -> Rubric:
    """The stage's rubric, or the `missing` one for the item that asks for it."""
    return missing_rubric() if item.is_about_what_is_missing else rubric
