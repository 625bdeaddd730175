"""What was answered about a page of items, read for the aligned tables and shaped into columns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from annotation.choices import Purpose
from annotation.models import Judgment
from annotation.rubrics.document import Question
from releases.columns import TEXT, Column, list_of, struct_of
from releases.questions import WORDS, is_same_column
from releases.tables.facts import COLUMNS, JudgmentFacts, asked_of
from releases.tables.items import ItemFacts, Placing, placings
from releases.tables.judgments import by_target
from releases.tables.summaries import Given, summary, summary_fields
from releases.tables.table import Row, Source

SIDES = ("first", "second")
COUNTED = Purpose.MAIN
"""Answers to gold, checks and repeats measure the rater; they are in `judgments` only."""

Answers = dict[tuple[str, str | None], list[Given]]
"""What was answered about one item, by question and target."""


def answer_fields(questions: Sequence[Question]) -> list[Column]:
    """The columns of a stage's answers.

    Of a question about the item `{question}__{part}`; of one per response
    `{question}__first__{part}` and `{question}__second__{part}`; of one per attribute a list of
    structs that hold the attribute and the parts.
    """
    return [field for question in questions for field in _fields_of(question)]


def _fields_of(question: Question) -> Iterator[Column]:
    parts = summary_fields(question)
    if question.per == "attribute":
        yield (question.key, list_of(struct_of([("attribute", TEXT), *parts])))
        return
    for prefix in _prefixes(question):
        yield from ((f"{prefix}__{name}", kind) for name, kind in parts)


def _prefixes(question: Question) -> list[str]:
    if question.per == "response":
        return [f"{question.key}__{side}" for side in SIDES]
    return [question.key]


def answer_columns(questions: Sequence[Question], item: ItemFacts, answers: Answers) -> Row:
    """One item's answers under the names of `answer_fields`."""
    row: Row = {}
    for question in questions:
        if question.per == "attribute":
            row[question.key] = _by_attribute(question, answers)
            continue
        targets = (item.first, item.second) if question.per == "response" else (None,)
        for prefix, target in zip(_prefixes(question), targets, strict=True):
            given = (
                []
                if question.per == "response" and target is None
                else answers.get((question.key, target), [])
            )
            for name, value in summary(question, given).items():
                row[f"{prefix}__{name}"] = value
    return row


def _by_attribute(question: Question, answers: Answers) -> list[dict[str, Any]]:
    targets = sorted(
        target for key, target in answers if key == question.key and target is not None
    )
    return [
        {"attribute": target} | summary(question, answers[question.key, target])
        for target in targets
    ]


def answers_of(source: Source, items: Sequence[ItemFacts]) -> dict[UUID, Answers]:
    """What may leave of the answers to these items: latest revisions. Two queries."""
    by_id = {item.id: item for item in items}
    leaves = {item.id: source.people.leave_of(item.people) for item in items}
    found: dict[UUID, Answers] = {item.id: defaultdict(list) for item in items}
    columns = Columns(source, items[0].stage)
    for judgment in _counted_judgments(list(by_id)):
        item, leave = by_id[judgment.item_id], leaves[judgment.item_id]
        if leave.ratings and source.people.allow_ratings(judgment.person):
            may_say = leave.words and source.people.allow_words(judgment.person)
            for question in columns.filled_by(judgment, item):
                if may_say or question.kind not in WORDS:
                    for target, value in _values(judgment, item, question):
                        found[item.id][question.key, target].append(_given(judgment, value))
    return found


class Columns:
    """Which of a stage's questions a judgment can answer, worked out once per version and role."""

    def __init__(self, source: Source, stage: str) -> None:
        self._source = source
        self._questions = source.asked.newest(stage)
        self._known: dict[tuple[int, str, bool], list[Question]] = {}

    def filled_by(self, judgment: JudgmentFacts, item: ItemFacts) -> list[Question]:
        """The questions whose columns a judgment fills.

        An answer from a rubric that put the question in another kind fits no column; like all
        others it is in `judgments`.
        """
        key = (judgment.rubric_version, judgment.role, item.is_missing)
        if key not in self._known:
            asked = asked_of(judgment, item, self._source)
            self._known[key] = [
                question
                for question in self._questions
                if is_same_column(asked.get(question.key), question)
                and question.is_asked_of(judgment.role)
            ]
        return self._known[key]


def _counted_judgments(ids: Sequence[UUID]) -> list[JudgmentFacts]:
    """One per rater, arm, order and sample, where the item was to be decided.

    What came late, beside the number asked for, is in `judgments` only. Sorted by the rater's ref,
    so that lists come out alike whenever they are made.
    """
    rows = (
        Judgment.objects.filter(item__in=ids, is_surplus=False)
        .latest_revisions()
        .order_by("rater__ref", "arm", "is_swapped", "sample", "submitted_at", "ref")
        .values_list(*COLUMNS)
    )
    judgments = [JudgmentFacts._make(row) for row in rows]
    places = placings({judgment.task_id for judgment in judgments}, ids)
    counted: dict[tuple[Any, ...], JudgmentFacts] = {}
    for judgment in judgments:
        if _purpose(judgment, places) == COUNTED:
            counted.setdefault(_seat(judgment), judgment)
    return sorted(counted.values(), key=_seat)


def _seat(judgment: JudgmentFacts) -> tuple[Any, ...]:
    return (
        judgment.rater,
        judgment.arm,
        judgment.is_swapped,
        judgment.sample,
        judgment.item_id,
    )


def _purpose(judgment: JudgmentFacts, places: Mapping[tuple[UUID, UUID], Placing]) -> str:
    place = places.get((judgment.task_id, judgment.item_id))
    return place.purpose if place else Purpose.MAIN


def _values(
    judgment: JudgmentFacts, item: ItemFacts, question: Question
) -> Sequence[tuple[str | None, Any]]:
    """The judgment's answers to a question by target; an unusable one is None everywhere."""
    if not judgment.is_usable:
        places: Mapping[str, tuple[str | None, ...]] = {
            "item": (None,),
            "response": tuple(ref for ref in (item.first, item.second) if ref),
        }
        return [(target, None) for target in places.get(question.per, ())]
    answers = judgment.answers or {}
    return by_target(answers[question.key], question) if question.key in answers else ()


def _given(judgment: JudgmentFacts, value: Any) -> Given:
    return Given(
        rater=judgment.rater,
        rater_kind=judgment.rater_kind,
        rater_n=judgment.rater_n,
        role=judgment.role,
        model=judgment.model,
        prompt_version=judgment.prompt_version,
        arm=judgment.arm,
        is_swapped=judgment.is_swapped,
        sample=judgment.sample,
        is_usable=judgment.is_usable,
        value=value,
    )
