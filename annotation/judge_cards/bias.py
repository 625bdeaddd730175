"""What moves a judge more than it moves people: length, outright mention, its own answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.chance import Floats
from annotation.judge_cards.estimates import Clusters, Estimate, Statistic, ratio, undefined

NO_PAIR = "no item with a difference in it was judged by the judge and by people"
TOO_FEW = "a slope needs at least three items"
NO_SPREAD = "it does not differ between the items"


@dataclass(frozen=True)
class Lean:
    """How far answers lean towards what has a property, beside people's on the same items.

    `judge` and `people` are the shares that favour the side with the property, an answer for
    neither counting half; `difference` is the judge's less people's; `slope` is how much the
    judge's answer grows per unit of the property when people's answer is held fixed. For
    questions about one response there are no sides: only the slope exists.
    """

    judge: Estimate
    people: Estimate
    difference: Estimate
    slope: Estimate


@dataclass(frozen=True)
class Compared:
    """Items with the judge's and people's mean answer to each, and a property's amount.

    For a comparison, answers are from −1 (second) to 1 (first), and the amount is the first's
    less the second's. For one response, both are its own.
    """

    judge: Floats
    people: Floats
    amount: Floats
    persons: Sequence[str]

    def where(self, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Compared":
        persons = [person for person, kept in zip(self.persons, mask, strict=True) if kept]
        return Compared(self.judge[mask], self.people[mask], self.amount[mask], persons)


def lean_of_comparisons(compared: Compared, clusters: Clusters) -> Lean:
    """Over the items whose two responses differ in the property."""
    differing = compared.where(compared.amount != 0)
    if not len(differing.judge):
        none = undefined(NO_PAIR)
        return Lean(none, none, none, none)
    side = np.sign(differing.amount)
    judge, people = (1 + differing.judge * side) / 2, (1 + differing.people * side) / 2
    return Lean(
        judge=_mean(judge, differing.persons, clusters),
        people=_mean(people, differing.persons, clusters),
        difference=_mean(judge - people, differing.persons, clusters),
        slope=slope(compared, clusters),
    )


def lean_of_single_answers(compared: Compared, clusters: Clusters) -> Lean:
    """Over responses that were judged one by one."""
    none = undefined("the question is about one response and asks for no side", len(compared.judge))
    return Lean(none, none, none, slope(compared, clusters))


def lean_of_positions(rows: Floats, persons: Sequence[str], clusters: Clusters) -> Lean:
    """From four numbers per item: the judge's verdicts for what stood first, and for one of the
    two at all; and the same of people."""
    none = undefined("a position has no amount")
    if not len(rows):
        none = undefined(NO_PAIR)
        return Lean(none, none, none, none)
    judge, people = ratio(0, 1), ratio(2, 3)
    shared = rows[(rows[:, 1] > 0) & (rows[:, 3] > 0)]
    of_shared = [
        person for person, row in zip(persons, rows, strict=True) if row[1] > 0 and row[3] > 0
    ]
    return Lean(
        judge=clusters.estimate(rows, persons, judge),
        people=_estimate(shared, of_shared, people, clusters),
        difference=_estimate(shared, of_shared, lambda sums: judge(sums) - people(sums), clusters),
        slope=none,
    )


def _estimate(
    rows: Floats, persons: Sequence[str], statistic: Statistic, clusters: Clusters
) -> Estimate:
    return clusters.estimate(rows, persons, statistic) if len(rows) else undefined(NO_PAIR)


def mean_difference(
    judge: Floats, people: Floats, persons: Sequence[str], clusters: Clusters
) -> Estimate:
    """The mean of the judge's number less people's; above 0 the judge is more generous."""
    if not len(judge):
        return undefined("no item was judged by the judge and by people")
    return _mean(judge - people, persons, clusters)


def _mean(values: Floats, persons: Sequence[str], clusters: Clusters) -> Estimate:
    rows = np.stack([values, np.ones(len(values))], axis=1)
    return clusters.estimate(rows, persons, ratio(0, 1))


def slope(compared: Compared, clusters: Clusters) -> Estimate:
    """The coefficient b of judge = a + b·amount + c·people, by least squares.

    Where people's answers are all alike, c is left out.
    """
    amount, people = compared.amount, compared.people
    if len(amount) < 3:
        return undefined(TOO_FEW, len(amount))
    if np.ptp(amount) == 0:
        return undefined(NO_SPREAD, len(amount))
    columns = [np.ones(len(amount)), amount] + ([people] if np.ptp(people) > 0 else [])
    design = np.stack(columns, axis=1)
    width = design.shape[1]
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    rows = np.concatenate([squares, design * compared.judge[:, None]], axis=1)

    def coefficient(sums: Floats) -> Floats:
        left = sums[:, : width * width].reshape(-1, width, width)
        return _solved(left, sums[:, width * width :])[:, 1]

    return clusters.estimate(rows, compared.persons, coefficient)


def _solved(left: Floats, right: Floats) -> Floats:
    """The solution of each of the equations; nan where they have no single one."""
    found = np.full(right.shape, np.nan)
    sizes = np.sqrt(np.einsum("rii->ri", left))
    scale = np.where(sizes > 0, sizes, 1)
    even = left / (scale[:, :, None] * scale[:, None, :])
    solvable = np.linalg.det(even) > 1e-10
    if solvable.any():
        answers = np.linalg.solve(even[solvable], (right / scale)[solvable][:, :, None])
        found[solvable] = answers[:, :, 0] / scale[solvable]
    return found
