"""One rater against the reference: accuracy, macro figures, correlations, shift, consistency."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.answers import Question, label_of
from annotation.agreement.cells import WRONG_CODE, Cells, Votes
from annotation.agreement.collapsing import Cell, RaterView
from annotation.agreement.figures import (
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
NO_ORDER = Undefined("a nominal scale has no order")


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


def rater_figures(
    question: Question, cells: Cells, view: int, own: Sequence[Cell], reference: Reference
) -> RaterFigures:
    """The figures of the rater view with this code; `own` are its cells, one for each unit."""
    votes = cells.votes.where(cells.votes.view == view)
    exact, averages = _against_labels(question, cells, votes, reference)
    rank, line, shift = _against_numbers(question, cells, view, reference)
    return RaterFigures(
        n=sum(cell.asked for cell in own),
        unusable=sum(cell.unusable for cell in own),
        positive_rate=_positive_rate(question, cells, votes),
        accuracy=exact,
        macro=averages,
        spearman=rank,
        pearson=line,
        mean_shift=shift,
        order_consistent=_consistency(own),
    )


def cells_by_view(cells: dict[tuple[str, RaterView], Cell]) -> dict[RaterView, list[Cell]]:
    """The cells of each rater view."""
    grouped: dict[RaterView, list[Cell]] = {}
    for (_, view), cell in cells.items():
        grouped.setdefault(view, []).append(cell)
    return grouped


def _against_labels(
    question: Question, cells: Cells, votes: Votes, reference: Reference
) -> tuple[Figure, Detection]:
    """Accuracy and macro figures over the units that have a reference."""
    if question.scale == "interval" and not question.values:
        return NO_LABELS, _nothing(NO_LABELS)
    truth = reference.labels[votes.unit]
    compared = truth != NO_LABEL
    between = len(np.unique(votes.unit[truth == BETWEEN]))
    if not compared.any():
        return NO_REFERENCE, _nothing(NO_REFERENCE)
    if between:
        gap = Undefined(f"the reference lies between two labels for {between} of the items")
        return gap, _nothing(gap)
    names = [*cells.labels, "unusable"]
    right = [names[code] for code in truth[compared].tolist()]
    given = [names[code] for code in votes.label[compared].tolist()]
    weights = votes.weight[compared].tolist()
    return accuracy(right, given, weights), macro(detection_by_label(right, given, weights))


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


def _nothing(gap: Undefined) -> Detection:
    return Detection(gap, gap, gap)
