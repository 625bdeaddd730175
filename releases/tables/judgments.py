"""The canonical long table: one row per judgment, question and target."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from annotation.choices import Purpose, Stage
from annotation.rubrics.document import Question
from releases.columns import BOOLEAN, FLOAT, INTEGER, MOMENT, TEXT, schema_of
from releases.people import Leave
from releases.plain import Ids, json_of, moment_of
from releases.questions import WORDS
from releases.tables.reading import Line, RaterFacts, judgment_pages, raters_of
from releases.tables.table import Row, Source, Table

NO_ORDER = "[]"
"""The text of an empty list, which most places of imported judgments have."""

SCHEMA = schema_of(
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
        ("rater_n", INTEGER),
        ("model", TEXT),
        ("prompt_version", TEXT),
        ("arm", TEXT),
        ("sample", INTEGER),
        ("revision", INTEGER),
        ("question", TEXT),
        ("target", TEXT),
        ("value", TEXT),
        ("number", FLOAT),
        ("kind", TEXT),
        ("scale", TEXT),
        ("usable", BOOLEAN),
        ("withheld", BOOLEAN),
        ("flag", TEXT),
        ("position", INTEGER),
        ("swapped", BOOLEAN),
        ("blinded", BOOLEAN),
        ("surplus", BOOLEAN),
        ("added", BOOLEAN),
        ("excluded", BOOLEAN),
        ("simulated", BOOLEAN),
        ("seconds", FLOAT),
        ("idle_seconds", FLOAT),
        ("pasted", INTEGER),
        ("device", TEXT),
        ("rubric_version", INTEGER),
        ("content_digest", TEXT),
        ("presentation_digest", TEXT),
        ("submitted_at", MOMENT),
    ]
)


class Behind(NamedTuple):
    """The people whom an item is about: what they let leave, and the one who is named."""

    leave: Leave
    subject: str | None


class Everybody(dict[tuple[str | None, ...], Behind]):
    """By the ids of the people behind an item, each worked out once."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._people = source.people
        self._ids = Ids()

    def __missing__(self, texts: tuple[str | None, ...]) -> Behind:
        people = [None if text is None else self._ids[text] for text in texts]
        subject = next((person for person in people if person), None)
        self[texts] = Behind(self._people.leave_of(people), self._people.ref(subject))
        return self[texts]


def rows(source: Source) -> Iterator[Row]:
    """Every judgment that may leave, all revisions. One query per few thousand judgments.

    One without an answer (unusable, or all questions passed over) is one row without a question.
    """
    raters, everybody = raters_of(source.study), Everybody(source)

    def made(line: Line) -> list[Row]:
        behind, rater = everybody[people_of(line)], raters[line.rater]
        if not (behind.leave.ratings and source.people.allow_ratings(rater.person)):
            return []
        may_say = behind.leave.words and source.people.allow_words(rater.person)
        return _rows_of(line, rater, behind.subject, source, may_say)

    for page in judgment_pages(source.study, made):
        yield from chain.from_iterable(page)


def people_of(line: Line) -> tuple[str | None, ...]:
    """The ids of everybody behind a judgment's item, as texts."""
    return line[-5:]


def _rows_of(
    line: Line, rater: RaterFacts, subject: str | None, source: Source, may_say: bool
) -> list[Row]:
    row = _frame(line, rater, subject)
    answers = json_of(line.answers)
    if not answers:
        return [row]
    asked = _asked_of(line, source)
    return [
        row | _answer(key, asked.get(key), target, value, may_say)
        for key in _in_order(answers, asked)
        for target, value in by_target(answers[key], asked.get(key))
    ]


def _asked_of(line: Line, source: Source) -> Mapping[str, Question]:
    is_missing = line.stage == Stage.EXTRACTION and line.attribute is None
    return source.asked.of_version(line.stage, line.rubric_version, is_missing=is_missing)


def _in_order(answers: Mapping[str, Any], asked: Mapping[str, Question]) -> list[str]:
    """The answered questions in the rubric's order; databases keep no order of keys."""
    known = [key for key in asked if key in answers]
    return known if len(known) == len(answers) else known + sorted(answers.keys() - set(known))


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


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Made once: `json.dumps` with options makes an encoder for each value."""


def text_of(value: Any) -> str:
    """An answer as text: an option's value as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return _encoded(value)


def _frame(line: Line, rater: RaterFacts, subject: str | None) -> Row:
    """All columns, those of an answer empty."""
    return {
        "judgment": line.ref,
        "item": line.item,
        "task": line.task,
        "stage": line.stage,
        "purpose": line.place_purpose,
        "subject": subject,
        "attribute": line.attribute,
        "conversation": line.conversation,
        "prompt": line.prompt,
        "first": line.first,
        "second": line.second,
        "role": line.role,
        "rater": rater.ref,
        "rater_kind": rater.kind,
        "rater_n": rater.n,
        "model": rater.model or None,
        "prompt_version": rater.prompt_version or None,
        "arm": line.arm,
        "sample": line.sample,
        "revision": line.revision,
        "question": None,
        "target": None,
        "value": None,
        "number": None,
        "kind": None,
        "scale": None,
        "usable": bool(line.is_usable),
        "withheld": False,
        "flag": line.flag or None,
        "position": _position_shown(line),
        "swapped": bool(line.is_swapped),
        "blinded": bool(line.is_blinded),
        "surplus": bool(line.is_surplus),
        "added": bool(line.is_added) or line.task_purpose == Purpose.ADJUDICATION,
        "excluded": rater.is_excluded,
        "simulated": rater.is_simulated,
        "seconds": line.seconds,
        "idle_seconds": line.idle_seconds,
        "pasted": line.pasted,
        "device": line.device or None,
        "rubric_version": line.rubric_version,
        "content_digest": line.content_digest,
        "presentation_digest": line.presentation_digest or None,
        "submitted_at": moment_of(line.submitted_at),
    }


def _position_shown(line: Line) -> int | None:
    """From 0: where the item stood on the rater's screen; a judge sees a task's own order."""
    place = line.place_position
    if place is None or line.order is None or line.order == NO_ORDER:
        return place
    order = json_of(line.order)
    return order.index(place) if place in order else place


TABLE = Table(
    name="judgments",
    title="Every answer of people and models: one row per judgment, question and target.",
    key="judgment",
    schema=lambda _source: SCHEMA,
    rows=rows,
    rows_per_group=4_000,
    withheld="withheld",
)
