"""The judgments of a few items with their raters, as one query of the aligned tables reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from annotation.rubrics.document import Question
from releases.tables.items import ItemFacts
from releases.tables.table import Source


class JudgmentFacts(NamedTuple):
    """A judgment with its rater and place, as one query reads them."""

    ref: str
    item_id: UUID
    task_id: UUID
    task: str
    stage: str
    role: str
    rater: str
    rater_kind: str
    rater_n: int | None
    model: str
    prompt_version: str
    person: UUID | None
    order: list[int] | None
    rubric_version: int
    arm: str
    is_swapped: bool
    sample: int
    revision: int
    answers: dict[str, Any] | None
    is_usable: bool
    is_blinded: bool
    presentation_digest: str
    flag: str
    seconds: float | None
    device: str
    submitted_at: datetime


COLUMNS = (
    "ref",
    "item_id",
    "task_id",
    "task__ref",
    "stage",
    "role",
    "rater__ref",
    "rater__kind",
    "rater__n",
    "rater__model",
    "rater__prompt_version",
    "rater__participant_id",
    "assignment__order",
    "rubric_version",
    "arm",
    "is_swapped",
    "sample",
    "revision",
    "answers",
    "is_usable",
    "is_blinded",
    "presentation_digest",
    "flag",
    "seconds",
    "device",
    "submitted_at",
)


def asked_of(judgment: JudgmentFacts, item: ItemFacts, source: Source) -> Mapping[str, Question]:
    """The questions that the rater was asked, by key."""
    return source.asked.of_version(
        judgment.stage, judgment.rubric_version, is_missing=item.is_missing
    )
