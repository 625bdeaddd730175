"""What people answered, unit by unit: what a judge is compared with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from annotation.agreement.answers import Answer, Question, Side, label_of, number_of
from annotation.agreement.collapsing import Collapse, Policies, latest, unique_best

Reference: TypeAlias = Literal["majority", "owner"]

NUMBERS: Mapping[Side, float] = {"first": 1.0, "second": -1.0, "none": 0.0}


@dataclass(frozen=True)
class People:
    """What people answered, unit by unit.

    How often each label, the mean number, and how many verdicts were for what stood first, of how
    many for one of the two. A person's answers to a unit count as one. Those that were asked for
    because others disagreed are votes for labels alone.
    """

    labels: Mapping[str, Mapping[str, float]]
    numbers: Mapping[str, float]
    first_shown: Mapping[str, tuple[float, float]]

    def reference(self, unit: str) -> str | None:
        """The answer that more of them gave than any other."""
        return unique_best(self.labels[unit]) if unit in self.labels else None


def people_of(question: Question, answers: Iterable[Answer], reference: Reference) -> People:
    """What people, or owners alone, answered; models and aggregates never count."""
    asked = [
        answer
        for answer in latest(answers)
        if answer.kind == "human" and (reference == "majority" or answer.role == "owner")
    ]
    collapse = Collapse(question, Policies())
    labels: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    numbers: dict[str, list[float]] = defaultdict(list)
    added = {(answer.unit, answer.rater) for answer in asked if answer.added}
    for (unit, view), cell in collapse.cells(asked).items():
        for label, weight in cell.spread.items():
            labels[unit][label] += weight
        number = mean_number(question, cell.spread)
        if number is not None and (unit, view.rater) not in added:
            numbers[unit].append(number)
    means = {unit: float(np.mean(each)) for unit, each in numbers.items()}
    return People(labels, means, _first_shown(question, collapse, asked))


def _first_shown(
    question: Question, collapse: Collapse, answers: Sequence[Answer]
) -> dict[str, tuple[float, float]]:
    sides = sides_of(question)
    found: dict[str, tuple[float, float]] = {}
    for answer in answers:
        side = sides.get(collapse.counted(answer) or "", "none")
        if side != "none" and not answer.added:
            first, decided = found.get(answer.unit, (0.0, 0.0))
            found[answer.unit] = (first + ((side == "first") != answer.swapped), decided + 1)
    return found


def sides_of(question: Question) -> dict[str, Side]:
    """The side that each label of a comparison favours, in the item's own order."""
    return {label_of(value): side for value, side in question.favours.items()}


def mean_number(question: Question, spread: Mapping[str, float]) -> float | None:
    """The mean number of weighted labels, None where they have none.

    A side is 1, 0 or −1; an option on an ordered scale its rank from 0; yes is 1 and no is 0.
    """
    numbers = _numbers(question, spread)
    total = sum(spread[label] for label in numbers)
    return sum(spread[label] * at for label, at in numbers.items()) / total if total else None


def _numbers(question: Question, labels: Iterable[str]) -> dict[str, float]:
    """The numbers of those labels that have one."""
    if question.scale == "interval" and not question.values:
        found = {label: number_of(label) for label in labels}
        return {label: number for label, number in found.items() if number is not None}
    known = _known_numbers(question)
    return {label: known[label] for label in labels if label in known}


def _known_numbers(question: Question) -> dict[str, float]:
    if question.favours:
        return {label: NUMBERS[side] for label, side in sides_of(question).items()}
    if question.scale == "nominal" and set(question.values) != {False, True}:
        return {}
    return {label_of(value): float(rank) for rank, value in enumerate(question.values)}
