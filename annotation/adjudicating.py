"""What an adjudicator sees of the answers given so far, and what waits for one."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from annotation.assigning_faults import disputed_question
from annotation.blinding import renamed
from annotation.choices import Purpose, Role
from annotation.eligibility import is_eligible
from annotation.models import Assignment, Judgment, Rater, Task, TaskItem
from annotation.rubrics import words
from annotation.rubrics.document import Question, Rubric
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
    about: str
    """The letter or text of what it was asked about; empty for the item itself."""
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

    disputed: list[Line]
    """To the question that is disputed; none while it is not asked yet."""
    others: list[Line]
    """To what else experts are asked."""
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
        ref: [_so_far(place, shown[ref], one, tongue, is_locking) for one in given]
        for ref, given in found.items()
    }


def _so_far(
    place: Assignment, shown: ShownItem, given: GivenAnswer, tongue: Tongue, is_locking: bool
) -> SoFar:
    steps = shown.rubric.steps
    hidden = {key for step in steps[1:] for key in step} if is_locking else set()
    asked = [question for question in shown.rubric.questions if question.key not in hidden]
    disputed = _disputed(place, shown.rubric)
    others = [one for one in asked if one != disputed and one.is_asked_of(Role.EXPERT)]
    return SoFar(
        _lines([one for one in asked if one == disputed], shown, given, tongue),
        _lines(others, shown, given, tongue),
        "" if is_locking else given.comment,
    )


def _disputed(place: Assignment, rubric: Rubric) -> Question | None:
    """The question whose answers the study's rules look at."""
    section = (place.study.document.get("stages") or {}).get(place.stage) or {}
    return disputed_question(rubric, (section.get("adjudication") or {}).get("question"))


def _lines(
    questions: Sequence[Question], shown: ShownItem, given: GivenAnswer, tongue: Tongue
) -> list[Line]:
    """In the order of the questions, and within them of what is shown."""
    texts = {row.ref: row.text for row in shown.responses}
    texts |= {row.ref: row.text for row in shown.given}
    return [
        Line(
            question.worded(Role.EXPERT, *tongue),
            _about(target, shown),
            words.in_words(question, value, tongue, text),
        )
        for question in questions
        if question.key in given.answers
        for target, value in _by_target(question, given.answers[question.key], shown)
        for text in [texts.get(target, shown.attribute.text if shown.attribute else "")]
    ]


def _by_target(question: Question, value: Any, shown: ShownItem) -> list[tuple[str, Any]]:
    if question.per == "item" or not isinstance(value, Mapping):
        return [("", value)]
    # In the order shown here: their own would tell which side they saw.
    targets = (*shown.targets.responses, *shown.targets.attributes)
    return [(target, value[target]) for target in targets if target in value]


def _about(target: str, shown: ShownItem) -> str:
    """The letter of a response, or the text of an attribute."""
    letters = {row.ref: chr(ord("A") + place) for place, row in enumerate(shown.responses)}
    return (letters | {row.ref: row.text for row in shown.given}).get(target, "")


def is_to_settle(rater: Rater, stage: str) -> bool:
    """Does a disagreement wait for this rater, or do they hold one?"""
    if not is_eligible(rater.study, stage, Role.EXPERT, rater):
        return False
    places = Assignment.objects.filter(
        study=rater.study, stage=stage, role=Role.EXPERT, purpose=Purpose.ADJUDICATION
    )
    if places.filter(rater=rater, state=Assignment.State.LEASED).exists():
        return True
    free = places.filter(state=Assignment.State.FREE) | places.given_up()
    return free.eligible_for(rater, Role.EXPERT).exists()


def waiting_for_experts(study: Study) -> dict[str, int]:
    """By stage: tasks with disagreements that no expert has decided yet; mostly without a query."""
    sections = (study.document.get("stages") or {}).values()
    if not any((section or {}).get("adjudication") for section in sections):
        return {}
    waiting = Task.objects.filter(
        study=study, purpose=Purpose.ADJUDICATION, assignments__state__in=OPEN
    )
    return dict(waiting.order_by().values_list("stage").annotate(n=Count("pk", distinct=True)))
