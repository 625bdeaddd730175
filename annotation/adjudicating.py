"""What an adjudicator sees of the answers given so far, and what waits for one."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from annotation.blinding import renamed
from annotation.choices import Purpose, Role
from annotation.models import Assignment, Judgment, Task, TaskItem
from annotation.rubrics import words
from annotation.rubrics.document import Question
from annotation.rubrics.sides import as_shown
from annotation.rubrics.words import Tongue
from annotation.screens import Screen, ShownItem
from studies.lookups import among
from studies.models import Study

OPEN = (Assignment.State.FREE, Assignment.State.LEASED)


@dataclass(frozen=True, slots=True)
class Line:
    """One question as it was answered, in words."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """Somebody's answers to an item, in terms of the sides shown; nothing tells whose they are."""

    answers: Mapping[str, Any]
    comment: str

    def as_json(self, names: Mapping[str, str]) -> dict[str, Any]:
        """As a program is given it, with the names that it knows responses and attributes by."""
        return {"answers": renamed(self.answers, names), "comment": self.comment}


def answers_so_far(place: Assignment, screen: Screen) -> dict[str, list[GivenAnswer]]:
    """By item: what others answered, in an order drawn from the place's seed.

    Empty, without a query, unless the place is an adjudicator's.
    """
    if place.purpose != Purpose.ADJUDICATION:
        return {}
    shown = {item.item.pk: item for item in screen.items}
    found: dict[str, list[GivenAnswer]] = {item.ref: [] for item in screen.items}
    for judgment in _judgments(list(shown)):
        item = shown[judgment.item_id]
        answers = as_shown(item.rubric, judgment.answers or {}, screen.is_swapped)
        found[item.ref].append(GivenAnswer(answers, judgment.comment))
    shuffler = random.Random(place.seed)
    for given in found.values():
        shuffler.shuffle(given)
    return found


def _judgments(items: Sequence[UUID]) -> Iterator[Judgment]:
    """The latest ones that count, of each rater one: a judge's first, in the item's own order."""
    asked = TaskItem.objects.filter(
        among("item_id", items), purpose=Purpose.MAIN, task__purpose=Purpose.MAIN
    )
    tasks = {row.task_id for row in asked}
    rows = Judgment.objects.filter(
        among("item_id", items), among("task_id", tasks), is_usable=True, is_surplus=False
    )
    latest = rows.latest_revisions().without_excluded().order_by("sample", "is_swapped", "ref")
    met: dict[UUID, set[UUID]] = defaultdict(set)
    for judgment in latest:
        is_judges = judgment.role == Role.LLM
        if not is_judges or judgment.rater_id not in met[judgment.item_id]:
            met[judgment.item_id].add(judgment.rater_id)
            yield judgment


@dataclass(frozen=True, slots=True)
class SoFar:
    """Somebody's answers to an item, in words."""

    lines: list[Line]
    comment: str


def so_far_in_words(
    place: Assignment, screen: Screen, *, language: str, is_locking: bool = False
) -> dict[str, list[SoFar]]:
    """By item: what others answered, as an adjudicator reads it; empty for all others.

    While their own first answers are not fixed (`is_locking`), they read what others said to those
    questions only: the rest names what the first are to be answered without.
    """
    found = answers_so_far(place, screen)
    if not found:
        return {}
    tongue = Tongue(language, place.study.languages[0])
    shown = {item.ref: item for item in screen.items}
    return {
        ref: [
            SoFar(_lines(shown[ref], one, tongue, is_locking), "" if is_locking else one.comment)
            for one in given
        ]
        for ref, given in found.items()
    }


def _lines(shown: ShownItem, given: GivenAnswer, tongue: Tongue, is_locking: bool) -> list[Line]:
    """In the order of the questions, and within them of what is shown."""
    steps = shown.rubric.steps
    hidden = {key for step in steps[1:] for key in step} if is_locking else set()
    texts = {row.ref: row.text for row in shown.responses}
    texts |= {row.ref: row.text for row in shown.given}
    return [
        Line(_asked(question, target, shown, tongue), words.in_words(question, value, tongue, text))
        for question in shown.rubric.questions
        if question.key in given.answers and question.key not in hidden
        for target, value in _by_target(question, given.answers[question.key], shown)
        for text in [texts.get(target, shown.attribute.text if shown.attribute else "")]
    ]


def _by_target(question: Question, value: Any, shown: ShownItem) -> list[tuple[str, Any]]:
    if question.per == "item" or not isinstance(value, Mapping):
        return [("", value)]
    # In the order shown here: their own would tell which side they saw.
    targets = (*shown.targets.responses, *shown.targets.attributes)
    return [(target, value[target]) for target in targets if target in value]


def _asked(question: Question, target: str, shown: ShownItem, tongue: Tongue) -> str:
    """The question, with the letter or text of what it was asked about."""
    worded = question.worded(Role.EXPERT, *tongue)
    letters = {row.ref: chr(ord("A") + place) for place, row in enumerate(shown.responses)}
    about = letters | {row.ref: row.text for row in shown.given}
    return f"{worded} ({about[target]})" if target in about else worded


def waiting_for_experts(study: Study) -> dict[str, int]:
    """By stage: tasks with disagreements that no expert has decided yet; mostly without a query."""
    sections = (study.document.get("stages") or {}).values()
    if not any((section or {}).get("adjudication") for section in sections):
        return {}
    waiting = Task.objects.filter(
        study=study, purpose=Purpose.ADJUDICATION, assignments__state__in=OPEN
    )
    return dict(waiting.order_by().values_list("stage").annotate(n=Count("pk", distinct=True)))
