"""A study's rows as the arrays that signals are found in."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np

from annotation.agreement.answers import label_of, number_of
from annotation.choices import Role
from annotation.models import RubricVersion
from annotation.quality.given import Asked, Given, People, people_of
from annotation.quality.lengths import words_of_items, words_of_tasks
from annotation.quality.sheets import (
    MAIN,
    NOT_EXPECTED,
    PRACTICE,
    PURPOSES,
    Record,
    Sheet,
    Visits,
)
from annotation.quality.skipping import skipping_in
from annotation.quality.table import AnswerTable, Floats
from annotation.rubric_versions import rubric_at
from annotation.rubrics.document import Question
from annotation.rubrics.statistic import Measurement, measurement
from studies.models import Study

BINS = 5
"""Numbers of a slider are told apart by so many equal parts of its range."""
SIDES = {"first": 1, "second": -1}


@dataclass(frozen=True)
class Reading:
    """The arrays, and what their codes stand for."""

    people: People
    record: Record
    units: dict[str, list[tuple[UUID, str]]]
    """By sheet and unit code: item, and target where it is asked about one."""
    labels: dict[str, list[str]]
    """By sheet and label code."""
    right: dict[str, dict[tuple[int, str], list[str]]]
    """By sheet, then judgment and target: the answers that are right where any is known to be."""


@dataclass
class _Columns:
    """One sheet while it is filled."""

    units: dict[tuple[UUID, str], int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, int, int, int, int, int, int, int, bool, bool, bool]] = field(
        default_factory=list
    )
    right: dict[tuple[int, str], list[str]] = field(default_factory=dict)

    def unit(self, item: UUID, target: str) -> int:
        return self.units.setdefault((item, target), len(self.units))

    def label(self, label: str) -> int:
        return self.labels.setdefault(label, len(self.labels))


def read(study: Study) -> Reading:
    """A dozen queries, whatever the number of judgments."""
    people = people_of(study)
    raters = {rater.pk: code for code, rater in enumerate(people.raters)}
    columns: dict[str, _Columns] = {}
    for place, row in enumerate(people.given):
        for key, question in _measured(study, row).items():
            sheet = columns.setdefault(f"{row.stage}/{key}", _Columns())
            _fill(sheet, question, place, row, raters[row.rater], people)
    # A question that nobody answered on its scale tells nothing of anybody.
    columns = {name: sheet for name, sheet in columns.items() if sheet.rows}
    record = Record(
        raters=len(raters),
        sheets=tuple(_sheet(name, sheet, len(raters)) for name, sheet in columns.items()),
        visits=_visits(people, raters),
        attempts=_attempts(people),
        skipping=skipping_in(study, raters),
    )
    units = {name: list(sheet.units) for name, sheet in columns.items()}
    labels = {name: list(sheet.labels) for name, sheet in columns.items()}
    right = {name: sheet.right for name, sheet in columns.items()}
    return Reading(people, record, units, labels, right)


@dataclass(frozen=True)
class _Asked:
    """A measured question: what is needed to code answers to it."""

    facts: Measurement
    favours: dict[str, str]


def _measured(study: Study, row: Given) -> Mapping[str, _Asked]:
    """The measured questions of the version that the judgment answered; none where it is gone."""
    try:
        return _questions(study.pk, row.stage, row.rubric_version)
    except RubricVersion.DoesNotExist:
        return {}


@lru_cache(maxsize=512)
def _questions(study_id: UUID, stage: str, version: int) -> dict[str, _Asked]:
    questions = rubric_at(study_id, stage, version).questions
    return {one.key: _asked_of(one) for one in questions if one.scale}


def _asked_of(question: Question) -> _Asked:
    favours = {one.value: one.favours for one in question.options if one.favours}
    return _Asked(measurement(question), {value: str(side) for value, side in favours.items()})


def _fill(
    sheet: _Columns, question: _Asked, place: int, row: Given, rater: int, people: People
) -> None:
    asked = people.asked.get((row.task, row.item))
    for target, value in _by_target(row.answers.get(question.facts.key)):
        label = _label(question.facts, value)
        if label is None:
            continue
        shown = question.facts.mirror.get(label, label) if row.is_swapped else label
        purpose = _purpose(asked, row, people)
        right = _right(question.facts, asked, target)
        if right:
            sheet.right[place, target] = right
        sheet.rows.append(
            (
                sheet.unit(row.item, target),
                rater,
                sheet.label(label),
                sheet.label(shown),
                SIDES.get(question.favours.get(shown, ""), 0),
                place,
                purpose,
                _expected(sheet, right, label),
                len(right) > 1,
                row.role != Role.OWNER and row.task not in people.adjudicated,
                (row.task, row.rater) in people.added,
            )
        )


def _purpose(asked: Asked | None, row: Given, people: People) -> int:
    if (row.task, row.rater) in people.practice:
        return PRACTICE
    return PURPOSES.index(asked.purpose) if asked else MAIN


def _by_target(answer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, dict):
        yield from answer.items()
    elif answer is not None:
        yield "", answer


def _label(facts: Measurement, value: Any) -> str | None:
    """The answer as it is compared; None where it is none on the scale."""
    if facts.kind != "slider":
        return None if value in facts.off_scale else label_of(value)
    number = number_of(value)
    low, high = facts.minimum or 0.0, facts.maximum or 0.0
    if number is None or high <= low:
        return None
    return str(min(int((number - low) / (high - low) * BINS), BINS - 1))


def _right(facts: Measurement, asked: Asked | None, target: str) -> list[str]:
    """The labels that are known to be right, each once."""
    right = asked.expected.get(facts.key) if asked else None
    if isinstance(right, dict):
        right = right.get(target)
    if right is None:
        return []
    labels = [_label(facts, value) for value in (right if isinstance(right, list) else [right])]
    return list(dict.fromkeys(label for label in labels if label is not None))


def _expected(sheet: _Columns, right: list[str], given: str) -> int:
    """The right label; of several that are right the one that was given."""
    if not right:
        return NOT_EXPECTED
    return sheet.label(given if given in right else right[0])


def _sheet(name: str, columns: _Columns, raters: int) -> Sheet:
    # Nobody makes a sheet of no rows.
    numbers = [np.array(column, dtype=np.int64) for column in zip(*columns.rows, strict=True)]
    unit, rater, label, shown, side, place, purpose, expected, *truths = numbers
    has_several, is_compared, is_added = (each.astype(bool) for each in truths)
    table = AnswerTable(unit, rater, label, len(columns.units), raters, len(columns.labels))
    return Sheet(
        name=name,
        table=table,
        shown=shown,
        side=side,
        judgment=place,
        purpose=purpose,
        expected=expected,
        has_several=has_several,
        is_compared=is_compared,
        is_added=is_added,
    )


def _visits(people: People, raters: Mapping[UUID, int]) -> Visits:
    given = people.given
    items = words_of_items({row.item for row in given})
    tasks = words_of_tasks({row.task for row in given})
    beside = Counter((row.task, row.rater) for row in given)
    words = [
        items.get(row.item, 0.0) + tasks.get(row.task, 0.0) / beside[row.task, row.rater]
        for row in given
    ]
    return Visits(
        rater=np.array([raters[row.rater] for row in given], dtype=np.int64),
        words=np.array(words, dtype=np.float64),
        seconds=_numbers([row.seconds for row in given]),
        idle=_numbers([row.idle for row in given]),
        pasted=_numbers([row.pasted for row in given]),
    )


def _attempts(people: People) -> Floats:
    raters = people.raters
    tried = [rater.participant_id and people.attempts.get(rater.participant_id) for rater in raters]
    return _numbers(tried)


def _numbers(values: list[Any]) -> Floats:
    """None becomes NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
