"""The yes-or-no reading of a rubric's answers, for binary labels and positive rates."""

from collections.abc import Mapping
from typing import Any

from annotation.rubrics.document import Question, Rubric


def binary_question(rubric: Rubric) -> Question | None:
    """The first question asked per item whose answers count as yes or no."""
    asked = (question for question in rubric.questions if question.per == "item")
    return next((question for question in asked if positive_values(question)), None)


def positive_values(question: Question) -> frozenset[Any]:
    """The answers that count as yes: marked so, or true where the question is boolean."""
    if question.kind == "boolean":
        return frozenset([True])
    return frozenset(option.value for option in question.options if option.positive)


def positive_answer(rubric: Rubric, answers: Mapping[str, Any] | None) -> bool | None:
    """Yes, no, or None when it was not answered, or off the scale."""
    question = binary_question(rubric)
    if question is None or not answers or answers.get(question.key) is None:
        return None
    value = answers[question.key]
    if any(option.value == value and option.off_scale for option in question.options):
        return None
    return value in positive_values(question)
