"""Which side an answer favours: from what was shown to the item's own order, and back."""

from collections.abc import Mapping
from typing import Any

from annotation.rubrics.document import Question, Rubric


def mirrors(question: Question) -> dict[str, str]:
    """Each value of a pairwise question with the one that says the same of swapped sides.

    Options of equal strength are each other's image; without strengths the i-th option for the
    first side is the image of the i-th last for the second. All others are their own image.
    """
    first = [option for option in question.on_scale if option.favours == "first"]
    second = [option for option in question.on_scale if option.favours == "second"]
    if all(option.strength is not None for option in first):
        first.sort(key=lambda option: option.strength or 0)
        second.sort(key=lambda option: -(option.strength or 0))
    mirror = {option.value: option.value for option in question.options}
    for one, other in zip(first, reversed(second), strict=True):
        mirror[one.value] = other.value
        mirror[other.value] = one.value
    return mirror


def mirror(question: Question, value: Any) -> Any:
    """The answer to the same question with the two sides swapped; its own inverse.

    Answers to questions that are not pairwise, and values outside the options, stay as they are.
    """
    if question.kind != "pairwise" or not isinstance(value, str):
        return value
    return mirrors(question).get(value, value)


def in_item_order(rubric: Rubric, answers: Mapping[str, Any], swapped: bool) -> dict[str, Any]:
    """Answers given in terms of the sides shown, in the item's own order; only pairwise change."""
    if not swapped:
        return dict(answers)
    pairwise = {question.key: question for question in rubric.questions}
    return {
        key: _swapped(pairwise[key], answer) if key in pairwise else answer
        for key, answer in answers.items()
    }


def as_shown(rubric: Rubric, answers: Mapping[str, Any], swapped: bool) -> dict[str, Any]:
    """Answers in the item's own order, in terms of the sides shown: undoes `in_item_order`."""
    return in_item_order(rubric, answers, swapped)


def _swapped(question: Question, answer: Any) -> Any:
    if question.per == "item" or not isinstance(answer, Mapping):
        return mirror(question, answer)
    return {target: mirror(question, value) for target, value in answer.items()}
