"""One rater against the reference: accuracy, macro figures, correlations, shift, consistency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.answers import Question, label_of
from annotation.agreement.cells import WRONG_CODE, Cells, Votes
from annotation.agreement.chance import Codes
from annotation.agreement.collapsing import Cell, RaterView
from annotation.agreement.figures import (
    NO_ORDER,
    NO_POSITIVE,
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
from annotation.agreement.resampled.raters import OF_POSITIVE, Held, positive_figures

NO_LABELS = Undefined("an interval question without listed values has no labels")
NOTHING_HELD = Undefined("all that this rater said is unreadable, or was asked as others disagreed")
NO_REFERENCE = Undefined("no item has a reference that is made without this rater's own answers")


@dataclass(frozen=True)
class RaterFigures:
    """What the raters' table says of one rater in one arm and role.

    `n` counts units, with those whose answer is unusable; `compared` those of them that have a
    reference without the rater's own part in it, which figures against it rest on, those apart
    that were asked for because others disagreed; `unusable` counts answers, so a judge who was
    asked in both orders has two per unit. `order_consistent` is (units with the same verdict in
    both orders, units with a verdict in both), None if never asked in both; the same verdict is the
    same side favoured, or the same answer where options favour no side.
    """

    n: int
    compared: int
    unusable: int
    positive_rate: Figure
    accuracy: Figure
    macro: Detection
    spearman: Figure
    pearson: Figure
    mean_shift: Figure
    of_positive: dict[str, Figure]
    """Over-selection, precision, recall and F1 of the answers that count as "yes"."""
    order_consistent: tuple[int, int] | None


@dataclass(frozen=True)
class Comparison:
    """A rater's answers beside the reference's labels, with the weight of each answer."""

    right: list[str]
    given: list[str]
    weights: list[float]


def hold(cells: Cells, view: int, reference: Reference) -> Held:
    """A rater view's answers beside what it is held to."""
    votes = cells.votes.where(cells.votes.view == view)
    mine = cells.marks.view == view
    unit, given = cells.marks.unit[mine], cells.marks.number[mine]
    right = reference.numbers[unit]
    both = ~np.isnan(right)
    truth = reference.labels[votes.unit]
    return Held(votes.unit, votes.label, votes.weight, truth, unit[both], given[both], right[both])


def positive_codes(question: Question, cells: Cells) -> Codes:
    """The codes of the labels that count as "yes"."""
    positive = {label_of(value) for value in question.positive}
    return np.array(
        [code for code, label in enumerate(cells.labels) if label in positive], dtype=np.intp
    )


def raters_figures(
    question: Question, cells: Cells, own: Sequence[Sequence[Cell]], held: Sequence[Held]
) -> list[RaterFigures]:
    """The figures of every rater view; `own` are its cells, `held` its answers and references."""
    compared = [_compare(question, cells, each) for each in held]
    numbers = [_against_numbers(question, each) for each in held]
    averages, positives = _macros(compared), _of_positive(question, cells, held)
    return [
        RaterFigures(
            n=sum(cell.asked for cell in own[view]),
            compared=_units_compared(held[view]),
            unusable=sum(cell.unusable for cell in own[view]),
            positive_rate=_positive_rate(question, cells, view),
            accuracy=_accuracy(compared[view]),
            macro=averages[view],
            spearman=numbers[view][0],
            pearson=numbers[view][1],
            mean_shift=numbers[view][2],
            of_positive=positives[view],
            order_consistent=_consistency(own[view]),
        )
        for view in range(len(cells.views))
    ]


def cells_by_view(cells: Mapping[tuple[str, RaterView], Cell]) -> dict[RaterView, list[Cell]]:
    """The cells of each rater view."""
    grouped: dict[RaterView, list[Cell]] = {}
    for (_, view), cell in cells.items():
        grouped.setdefault(view, []).append(cell)
    return grouped


def _units_compared(held: Held) -> int:
    """How many units both answered, with a label or a number."""
    return len(np.union1d(held.unit[held.truth != NO_LABEL], held.shift_unit))


def _compare(question: Question, cells: Cells, held: Held) -> Comparison | Undefined:
    """One rater's votes on the units that have a reference, or why they cannot be compared."""
    if question.scale == "interval" and not question.values:
        return NO_LABELS
    truth, compared = held.truth, held.truth != NO_LABEL
    between = len(np.unique(held.unit[truth == BETWEEN]))
    if not compared.any():
        return NO_REFERENCE if len(truth) else NOTHING_HELD
    if between:
        return Undefined(f"the reference lies between two labels for {between} of the items")
    names = [*cells.labels, "unusable"]
    return Comparison(
        right=[names[code] for code in truth[compared].tolist()],
        given=[names[code] for code in held.label[compared].tolist()],
        weights=held.weight[compared].tolist(),
    )


def _of_positive(question: Question, cells: Cells, held: Sequence[Held]) -> list[dict[str, Figure]]:
    positive = positive_codes(question, cells)
    if not len(positive):
        return [dict.fromkeys(OF_POSITIVE, NO_POSITIVE) for _ in held]
    return positive_figures(held, positive, len(cells.labels))


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


def _against_numbers(question: Question, held: Held) -> tuple[Figure, Figure, Figure]:
    """Spearman, Pearson and mean shift over the units where both have a number."""
    if question.scale == "nominal":
        return NO_ORDER, NO_ORDER, NO_ORDER
    if not len(held.right):
        none = NO_REFERENCE if len(held.truth) else NOTHING_HELD
        return none, none, none
    x, y = held.right.tolist(), held.given.tolist()
    return spearman(x, y), pearson(x, y), mean_shift(x, y)


def _positive_rate(question: Question, cells: Cells, view: int) -> Figure:
    votes: Votes = cells.votes
    labelled = votes.where((votes.view == view) & (votes.label != WRONG_CODE))
    given = [cells.labels[code] for code in labelled.label.tolist()]
    positive = {label_of(value) for value in question.positive}
    return positive_rate(given, positive, labelled.weight.tolist())


def _consistency(own: Sequence[Cell]) -> tuple[int, int] | None:
    if not any(cell.both_orders for cell in own):
        return None
    verdicts = [cell.sides for cell in own if cell.sides is not None]
    return sum(first == second for first, second in verdicts), len(verdicts)
