"""One judge's card for one question: what it says of itself and beside people, as plain values."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from annotation.agreement.answers import Answer, Question, Side
from annotation.agreement.collapsing import Cell, Collapse, Policies, latest
from annotation.agreement.figures import NO_ORDER
from annotation.agreement.units import ResponseFacts, UnitFacts
from annotation.judge_cards.bias import (
    Compared,
    Lean,
    lean_of_comparisons,
    lean_of_positions,
    lean_of_single_answers,
    mean_difference,
)
from annotation.judge_cards.calibration import calibration
from annotation.judge_cards.consistency import NO_SIDES, Orders, order_figures, sample_figures
from annotation.judge_cards.estimates import Clusters, Estimate, undefined
from annotation.judge_cards.people import People, mean_number, sides_of

Row: TypeAlias = dict[str, Any]
Amount: TypeAlias = Callable[[ResponseFacts], float | None]
"""How much of a property a response has; None where that is not known."""

NO_LEVEL = "a comparison has no level that could be inflated"
NO_RESPONSES = "the question is not about responses"
ONE_ORDER = "the judge always saw the responses in their stored order"


class Labelled(NamedTuple):
    """A usable answer: to what, whether the responses were swapped, and its label."""

    unit: str
    swapped: bool
    label: str


@dataclass
class Subject:
    """A question with all that a card about it is made from."""

    question: Question
    facts: Mapping[str, UnitFacts]
    clusters: Clusters
    people: People
    collapse: Collapse = field(init=False)

    def __post_init__(self) -> None:
        self.collapse = Collapse(self.question, Policies(samples="mean"))

    @property
    def has_sides(self) -> bool:
        """Does it compare two responses?"""
        return bool(self.question.favours)

    def labelled(self, answers: Sequence[Answer]) -> list[Labelled]:
        """The usable answers that stand."""
        return [
            Labelled(answer.unit, answer.swapped, label)
            for answer in latest(answers)
            if (label := self.collapse.counted(answer)) is not None
        ]


def card_of(subject: Subject, answers: Sequence[Answer], model: str) -> Row:
    """The card of one judge in one arm; `answers` are its own, `model` what it runs on."""
    cells = {unit: cell for (unit, _), cell in subject.collapse.cells(answers).items()}
    labelled = subject.labelled(answers)
    return {
        "n": sum(cell.asked for cell in cells.values()),
        "unusable": sum(cell.unusable for cell in cells.values()),
        "beside_people": sum(unit in subject.people.labels for unit in cells),
        "orders": _rows(_orders(subject, cells)),
        "samples": _samples(labelled),
        "calibration": _calibration(subject, labelled),
        "bias": _bias(subject, cells, labelled, model),
    }


def _rows(figures: object) -> Row:
    """Each field of a dataclass that is an estimate, as JSON."""
    values = vars(figures).items()
    return {name: value.as_row() for name, value in values if isinstance(value, Estimate)}


# -- Of itself -------------------------------------------------------------------


def _orders(subject: Subject, cells: Mapping[str, Cell]) -> Orders:
    verdicts = [cell.sides for cell in cells.values() if cell.sides is not None]
    return order_figures(verdicts, has_sides=subject.has_sides)


def _samples(labelled: Sequence[Labelled]) -> Row:
    by_order: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for unit, swapped, label in labelled:
        by_order[unit, swapped].append(label)
    figures = sample_figures(list(by_order.values()))
    return _rows(figures) | {"most": figures.most}


# -- Beside people -----------------------------------------------------------------


def _calibration(subject: Subject, labelled: Sequence[Labelled]) -> Row:
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, _, label in labelled:
        given[unit][label] += 1
    shares, truths = [], []
    for unit, counts in given.items():
        truth = subject.people.reference(unit)
        if truth is not None and counts.total() > 1:
            shares.append({label: n / counts.total() for label, n in counts.items()})
            truths.append(truth)
    found = calibration(shares, truths)
    return _rows(found) | {"curve": [each.as_row() for each in found.curve]}


def _bias(
    subject: Subject, cells: Mapping[str, Cell], labelled: Sequence[Labelled], model: str
) -> Row:
    both = _both(subject, cells)

    def own(response: ResponseFacts) -> float | None:
        return float(response.model == model) if model and response.model else None

    return {
        "shift": _shift(subject, both).as_row(),
        "length": _rows(_lean(subject, both, _doublings)),
        "mention": _rows(_lean(subject, both, _mentions)),
        "own": _rows(_lean(subject, both, own)),
        "position": _rows(_position(subject, labelled)),
    }


@dataclass(frozen=True)
class Both:
    """A unit with the mean number of the judge and of people."""

    judge: float
    people: float
    facts: UnitFacts


def _both(subject: Subject, cells: Mapping[str, Cell]) -> list[Both]:
    """The units that the judge and people answered with a number."""
    found = []
    for unit, cell in cells.items():
        number = mean_number(subject.question, cell.spread)
        if number is not None and unit in subject.people.numbers:
            found.append(Both(number, subject.people.numbers[unit], subject.facts[unit]))
    return found


def _shift(subject: Subject, both: Sequence[Both]) -> Estimate:
    if subject.has_sides:
        return undefined(NO_LEVEL)
    if subject.question.scale == "nominal":
        return undefined(NO_ORDER.reason)
    judge = np.array([each.judge for each in both])
    people = np.array([each.people for each in both])
    persons = [each.facts.person for each in both]
    return mean_difference(judge, people, persons, subject.clusters)


def _doublings(response: ResponseFacts) -> float | None:
    """The length on a scale of doublings."""
    return float(np.log2(max(response.length, 1)))


def _mentions(response: ResponseFacts) -> float | None:
    return None if response.mentions is None else float(response.mentions)


def _lean(subject: Subject, both: Sequence[Both], amount: Amount) -> Lean:
    rows = [
        (each.judge, each.people, has, each.facts.person)
        for each in both
        if (has := _amount(each.facts, amount, subject.has_sides)) is not None
    ]
    if not any(each.facts.first for each in both):
        none = undefined(NO_RESPONSES if both else "no item was judged by the judge and by people")
        return Lean(none, none, none, none)
    judge, people, amounts = (np.array([row[at] for row in rows], np.float64) for at in range(3))
    compared = Compared(judge, people, amounts, [row[3] for row in rows])
    lean = lean_of_comparisons if subject.has_sides else lean_of_single_answers
    return lean(compared, subject.clusters)


def _amount(facts: UnitFacts, amount: Amount, has_sides: bool) -> float | None:
    """Of a comparison the first's less the second's, of a single response its own."""
    first = amount(facts.first) if facts.first else None
    if not has_sides or first is None:
        return first
    second = amount(facts.second) if facts.second else None
    return None if second is None else first - second


def _position(subject: Subject, labelled: Sequence[Labelled]) -> Lean:
    """The share of verdicts for what stood first; of units in both orders, where there are any."""
    if not subject.has_sides:
        return _no_lean(NO_SIDES)
    sides = sides_of(subject.question)
    seen: dict[str, dict[bool, list[Side]]] = defaultdict(lambda: defaultdict(list))
    for unit, swapped, label in labelled:
        seen[unit][swapped].append(sides[label])
    if len({swapped for by_order in seen.values() for swapped in by_order}) < 2:
        return _no_lean(ONE_ORDER)
    twice = {unit: by_order for unit, by_order in seen.items() if len(by_order) == 2}
    rows = [
        (*_first_of(by_order), *subject.people.first_shown.get(unit, (0.0, 0.0)))
        for unit, by_order in (twice or seen).items()
    ]
    persons = [subject.facts[unit].person for unit in (twice or seen)]
    return lean_of_positions(np.array(rows, np.float64), persons, subject.clusters)


def _first_of(by_order: Mapping[bool, Sequence[Side]]) -> tuple[float, float]:
    """How many verdicts are for what stood first, and how many for one of the two."""
    seen = [(swapped, side) for swapped, sides in by_order.items() for side in sides]
    decided = [(side == "first") != swapped for swapped, side in seen if side != "none"]
    return float(sum(decided)), float(len(decided))


def _no_lean(reason: str) -> Lean:
    none = undefined(reason)
    return Lean(none, none, none, none)
