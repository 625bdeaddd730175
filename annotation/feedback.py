"""What a rater is told after an item whose right answers are known, where the study says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from annotation.known_answers import is_right
from annotation.models import Assignment, Judgment
from annotation.practice import was_told
from annotation.rubrics.document import Question
from annotation.rubrics.sides import as_shown
from annotation.rubrics.words import Tongue, in_words
from annotation.screens import Screen, ShownItem, screen_of


@dataclass(frozen=True, slots=True)
class Lesson:
    """One question about one thing: what was answered, what is right, in words."""

    item: str
    """Its ref."""
    key: str
    """The question's."""
    about: str
    """The letter or text of what was asked about; empty for the item itself."""
    question: str
    said: str
    right: str
    is_right: bool

    def as_json(self) -> dict[str, Any]:
        """As a program is given it."""
        return asdict(self)


def feedback_on(place: Assignment, screen: Screen, *, language: str) -> list[Lesson]:
    """Question by question, as the items were shown; nothing unless the study tells raters.

    `place` was answered just now; `screen` is what it showed.
    """
    if not was_told(place):
        return []
    rows = place.judgments.filter(revision=1).select_related("item")
    given = {row.item.ref: row for row in rows}
    tongue = Tongue(language, place.study.languages[0])
    return [
        lesson
        for shown in screen.items
        if shown.expected and shown.ref in given
        for lesson in _lessons(shown, given[shown.ref], screen, tongue)
    ]


def feedback_after(judgments: Sequence[Judgment]) -> list[Lesson]:
    """The same after a submission, in its rater's language; without a query unless it was gold.

    The same submission again is told the same.
    """
    place = judgments[0].assignment
    if place is None or not was_told(place):
        return []
    person = place.rater.participant if place.rater else None
    language = person.language if person else ""
    screen = screen_of(place, has_context=False)
    return feedback_on(place, screen, language=language or place.study.languages[0])


def _lessons(
    shown: ShownItem, judgment: Judgment, screen: Screen, tongue: Tongue
) -> Iterator[Lesson]:
    said = as_shown(shown.rubric, judgment.answers or {}, screen.is_swapped)
    for question in shown.rubric.questions:
        if question.key in shown.expected and question.key in said:
            for target, expected in _by_target(shown.expected[question.key]):
                one = said[question.key]
                answer = one.get(target) if target else one
                right = _as_shown(shown, question, expected, screen)
                yield Lesson(
                    item=shown.ref,
                    key=question.key,
                    about=_name_of(shown, target),
                    question=question.worded(screen.role, *tongue),
                    said="" if answer is None else in_words(question, answer, tongue),
                    right=in_words(question, right, tongue),
                    is_right=is_right(right, answer),
                )


def _by_target(expected: Any) -> list[tuple[str, Any]]:
    return list(expected.items()) if isinstance(expected, Mapping) else [("", expected)]


def _as_shown(shown: ShownItem, question: Question, expected: Any, screen: Screen) -> Any:
    """What is right, in terms of the sides shown."""
    if isinstance(expected, list):
        return [_as_shown(shown, question, one, screen) for one in expected]
    turned = as_shown(shown.rubric, {question.key: expected}, screen.is_swapped)
    return turned[question.key]


def _name_of(shown: ShownItem, target: str) -> str:
    letters = {row.ref: chr(ord("A") + place) for place, row in enumerate(shown.responses)}
    return (letters | {row.ref: row.text for row in shown.given}).get(target, "")
