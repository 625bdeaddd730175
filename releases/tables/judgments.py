"""The canonical long table: one row per judgment, question and target."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import pyarrow as pa

from annotation.models import Judgment
from annotation.rubrics.document import Question
from releases.paging import pages
from releases.questions import WORDS
from releases.tables.items import ItemFacts, Placing, items_by_id, placings
from releases.tables.table import TEXT, Row, Source, Table

JUDGMENTS_PER_PAGE = 2_000

SCHEMA = pa.schema(
    [
        ("judgment", TEXT),
        ("item", TEXT),
        ("task", TEXT),
        ("stage", TEXT),
        ("purpose", TEXT),
        ("subject", TEXT),
        ("attribute", TEXT),
        ("conversation", TEXT),
        ("prompt", TEXT),
        ("first", TEXT),
        ("second", TEXT),
        ("role", TEXT),
        ("rater", TEXT),
        ("rater_kind", TEXT),
        ("rater_n", pa.int32()),
        ("model", TEXT),
        ("prompt_version", TEXT),
        ("arm", TEXT),
        ("sample", pa.int32()),
        ("revision", pa.int32()),
        ("question", TEXT),
        ("target", TEXT),
        ("value", TEXT),
        ("number", pa.float64()),
        ("kind", TEXT),
        ("scale", TEXT),
        ("usable", pa.bool_()),
        ("withheld", pa.bool_()),
        ("flag", TEXT),
        ("position", pa.int32()),
        ("swapped", pa.bool_()),
        ("blinded", pa.bool_()),
        ("seconds", pa.float64()),
        ("device", TEXT),
        ("rubric_version", pa.int32()),
        ("content_digest", TEXT),
        ("presentation_digest", TEXT),
        ("submitted_at", pa.timestamp("us", tz="UTC")),
    ]
)


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


def rows(source: Source) -> Iterator[Row]:
    """Every judgment that may leave, all revisions. Three queries per two thousand judgments.

    One without an answer (unusable, or all questions passed over) is one row without a question.
    """
    judgments = Judgment.objects.filter(study=source.study).values_list(*COLUMNS)
    for page in pages(judgments, JUDGMENTS_PER_PAGE):
        facts = [JudgmentFacts._make(row) for row in page]
        items = items_by_id({judgment.item_id for judgment in facts})
        leaves = {item.id: source.people.leave_of(item.people) for item in items.values()}
        places = placings({judgment.task_id for judgment in facts}, items)
        for judgment in facts:
            if judgment.item_id not in items:
                continue  # about what must not be remembered
            item, leave = items[judgment.item_id], leaves[judgment.item_id]
            if leave.ratings and source.people.allow_ratings(judgment.person):
                place = places.get((judgment.task_id, judgment.item_id))
                may_say = leave.words and source.people.allow_words(judgment.person)
                yield from _rows_of(judgment, item, place, source, may_say)


def _rows_of(
    judgment: JudgmentFacts, item: ItemFacts, place: Placing | None, source: Source, may_say: bool
) -> Iterator[Row]:
    row = _frame(judgment, item, place, source)
    if not judgment.answers:
        yield row
        return
    asked = asked_of(judgment, item, source)
    for key in _in_order(judgment.answers, asked):
        question = asked.get(key)
        for target, value in by_target(judgment.answers[key], question):
            yield row | _answer(key, question, target, value, may_say)


def asked_of(judgment: JudgmentFacts, item: ItemFacts, source: Source) -> Mapping[str, Question]:
    """The questions that the rater was asked, by key."""
    return source.asked.of_version(
        judgment.stage, judgment.rubric_version, is_missing=item.is_missing
    )


def _in_order(answers: Mapping[str, Any], asked: Mapping[str, Question]) -> list[str]:
    """The answered questions in the rubric's order; databases keep no order of keys."""
    known = [key for key in asked if key in answers]
    return known + sorted(answers.keys() - set(known))


def by_target(value: Any, question: Question | None) -> Sequence[tuple[str | None, Any]]:
    """An answer taken apart by what it is about, in the order of refs; None is the item itself."""
    if question is not None and question.per != "item" and isinstance(value, dict):
        return sorted(value.items())
    return [(None, value)]


def _answer(
    key: str, question: Question | None, target: str | None, value: Any, may_say: bool
) -> Row:
    # An answer to a question that no rubric knows may be anything, so it is taken for words.
    is_withheld = not may_say and (question is None or question.kind in WORDS)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "question": key,
        "target": target,
        "value": None if is_withheld else text_of(value),
        "number": float(value) if is_number and not is_withheld else None,
        "kind": question.kind if question else None,
        "scale": question.scale if question else None,
        "withheld": is_withheld,
    }


def text_of(value: Any) -> str:
    """An answer as text: an option's value as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _frame(judgment: JudgmentFacts, item: ItemFacts, place: Placing | None, source: Source) -> Row:
    """All columns, those of an answer empty."""
    return {
        "judgment": judgment.ref,
        "item": item.ref,
        "task": judgment.task,
        "stage": judgment.stage,
        "purpose": place.purpose if place else None,
        "subject": source.people.ref(item.subject),
        "attribute": item.attribute,
        "conversation": item.conversation,
        "prompt": item.prompt,
        "first": item.first,
        "second": item.second,
        "role": judgment.role,
        "rater": judgment.rater,
        "rater_kind": judgment.rater_kind,
        "rater_n": judgment.rater_n,
        "model": judgment.model or None,
        "prompt_version": judgment.prompt_version or None,
        "arm": judgment.arm,
        "sample": judgment.sample,
        "revision": judgment.revision,
        "question": None,
        "target": None,
        "value": None,
        "number": None,
        "kind": None,
        "scale": None,
        "usable": judgment.is_usable,
        "withheld": False,
        "flag": judgment.flag or None,
        "position": _position_shown(judgment, place),
        "swapped": judgment.is_swapped,
        "blinded": judgment.is_blinded,
        "seconds": judgment.seconds,
        "device": judgment.device or None,
        "rubric_version": judgment.rubric_version,
        "content_digest": item.content_digest,
        "presentation_digest": judgment.presentation_digest or None,
        "submitted_at": judgment.submitted_at,
    }


def _position_shown(judgment: JudgmentFacts, place: Placing | None) -> int | None:
    """From 0: where the item stood on the rater's screen; a judge sees a task's own order."""
    if place is None:
        return None
    if judgment.order and place.position in judgment.order:
        return judgment.order.index(place.position)
    return place.position


TABLE = Table(
    name="judgments",
    title="Every answer of people and models: one row per judgment, question and target.",
    key="judgment",
    schema=lambda _source: SCHEMA,
    rows=rows,
    rows_per_group=4_000,
    withheld="withheld",
)
