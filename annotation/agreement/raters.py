"""One rater against the reference: accuracy, macro figures, correlations, shift, consistency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.answers import Question, label_of
from annotation.agreement.cells import WRONG_CODE, Cells, Votes
from annotation.agreement.collapsing import Cell, RaterView
from annotation.agreement.figures import (
    NO_ORDER,
    Detection,
    Figure,
    Undefined,
    accuracy,
    detection_by_label,
    macro,
    mean_shift,
    pearson,
    positive_rate,
    spearman,
)
from annotation.agreement.reference import BETWEEN, NO_LABEL, Reference

NO_LABELS = Undefined("an interval question without listed values has no labels")
NO_REFERENCE = Undefined("no item has a reference that is made without this rater's own answers")


@dataclass(frozen=True)
class RaterFigures:
    """What the raters' table says of one rater in one arm and role.

    `n` counts units, with those whose answer is unusable; `unusable` counts answers, so a judge
    who was asked in both orders has two per unit. `order_consistent` is (units with the same
    verdict in both orders, units with a verdict in both), None if never asked in both; the same
    verdict is the same side favoured, or the same answer where options favour no side.
    """

    n: int
    unusable: int
    positive_rate: Figure
    accuracy: Figure
    macro: Detection
    spearman: Figure
    pearson: Figure
    mean_shift: Figure
    order_consistent: tuple[int, int] | None


@dataclass(frozen=True)
class Comparison:
    """A rater's answers beside the reference's labels, with the weight of each answer."""

    right: list[str]
    given: list[str]
    weights: list[float]


def raters_figures(
    question: Question,
    cells: Cells,
    own: Sequence[Sequence[Cell]],
    references: Iterable[Reference],
) -> list[RaterFigures]:
    """The figures of every rater view; `own` are its cells, `references` what it is held to.

    References are taken one at a time, as each is as long as the question has units.
    """
    views = range(len(cells.views))
    votes = [cells.votes.where(cells.votes.view == view) for view in views]
    held = [
        (
            _compare(question, cells, votes[view], each),
            _against_numbers(question, cells, view, each),
        )
        for view, each in enumerate(references)
    ]
    averages = _macros([compared for compared, _ in held])
    return [
        RaterFigures(
            n=sum(cell.asked for cell in own[view]),
            unusable=sum(cell.unusable for cell in own[view]),
            positive_rate=_positive_rate(question, cells, votes[view]),
            accuracy=_accuracy(held[view][0]),
            macro=averages[view],
            spearman=held[view][1][0],
            pearson=held[view][1][1],
            mean_shift=held[view][1][2],
            order_consistent=_consistency(own[view]),
        )
        for view in views
    ]


def cells_by_view(cells: dict[tuple[str, RaterView], Cell]) -> dict[RaterView, list[Cell]]:
    """The cells of each rater view."""
    grouped: dict[RaterView, list[Cell]] = {}
    for (_, view), cell in cells.items():
        grouped.setdefault(view, []).append(cell)
    return grouped


def _compare(
    question: Question, cells: Cells, votes: Votes, reference: Reference
) -> Comparison | Undefined:
    """One rater's votes on the units that have a reference, or why they cannot be compared."""
    if question.scale == "interval" and not question.values:
        return NO_LABELS
    truth = reference.labels[votes.unit]
    compared = truth != NO_LABEL
    between = len(np.unique(votes.unit[truth == BETWEEN]))
    if not compared.any():
        return NO_REFERENCE
    if between:
        return Undefined(f"the reference lies between two labels for {between} of the items")
    names = [*cells.labels, "unusable"]
    return Comparison(
        right=[names[code] for code in truth[compared].tolist()],
        given=[names[code] for code in votes.label[compared].tolist()],
        weights=votes.weight[compared].tolist(),
    )


def _accuracy(compared: Comparison | Undefined) -> Figure:
    if isinstance(compared, Undefined):
        return compared
    return accuracy(compared.right, compared.given, compared.weights)


def _macros(compared: Sequence[Comparison | Undefined]) -> list[Detection]:
    """The macro figures of every rater.

    One call for all of them, with (rater, label) as the label: scikit-learn spends milliseconds
    on checking each call, which a panel of a thousand raters would wait for.
    """
    known = {at: each for at, each in enumerate(compared) if isinstance(each, Comparison)}
    found = detection_by_label(
        [(at, label) for at, each in known.items() for label in each.right],
        [(at, label) for at, each in known.items() for label in each.given],
        [weight for each in known.values() for weight in each.weights],
    )
    by_rater: dict[int, dict[str, Detection]] = {at: {} for at in known}
    for (at, label), detection in found.items():
        by_rater[at][label] = detection
    return [
        Detection(each, each, each) if isinstance(each, Undefined) else macro(by_rater[at])
        for at, each in enumerate(compared)
    ]


def _against_numbers(
    question: Question, cells: Cells, view: int, reference: Reference
) -> tuple[Figure, Figure, Figure]:
    """Spearman, Pearson and mean shift over the units where both have a number."""
    if question.scale == "nominal":
        return NO_ORDER, NO_ORDER, NO_ORDER
    mine = cells.marks.view == view
    truth, given = reference.numbers[cells.marks.unit[mine]], cells.marks.number[mine]
    both = ~np.isnan(truth)
    if not both.any():
        return NO_REFERENCE, NO_REFERENCE, NO_REFERENCE
    x, y = truth[both].tolist(), given[both].tolist()
    return spearman(x, y), pearson(x, y), mean_shift(x, y)


def _positive_rate(question: Question, cells: Cells, votes: Votes) -> Figure:
    labelled = votes.where(votes.label != WRONG_CODE)
    given = [cells.labels[code] for code in labelled.label.tolist()]
    positive = {label_of(value) for value in question.positive}
    return positive_rate(given, positive, labelled.weight.tolist())


def _consistency(own: Sequence[Cell]) -> tuple[int, int] | None:
    if not any(cell.both_orders for cell in own):
        return None
    verdicts = [cell.sides for cell in own if cell.sides is not None]
    return sum(first == second for first, second in verdicts), len(verdicts)
