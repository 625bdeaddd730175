"""Figures of two lists of answers: agreement, correlation, accuracy, selection and shift.

Every function returns a `Figure`: a number, or `Undefined` with the reason. None of them returns
nan or raises on empty or one-class input. The two lists are aligned: position i of both is the
same unit. Answers that are missing must be left out by the caller.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

NOTHING_IN_COMMON = "there is no item that both answered"
ONE_LABEL = "both gave one and the same answer to every item, so chance explains all of it"
NO_SPREAD = "one side gave the same answer to every item"
TOO_FEW = "a correlation needs at least two items"

L = TypeVar("L", bound=Hashable)


@dataclass(frozen=True)
class Undefined:
    """A figure that does not exist for this data, and why, as a sentence without a full stop."""

    reason: str


Figure: TypeAlias = float | Undefined


NO_ORDER = Undefined("a nominal scale has no order")
NO_POSITIVE = Undefined("the question marks no option as positive")


@dataclass(frozen=True)
class Detection:
    """How well the answers find one label of the reference, or all of them on average."""

    precision: Figure
    recall: Figure
    f1: Figure


def value_of(figure: Figure) -> float | None:
    """The number for JSON: None where the figure is undefined."""
    return None if isinstance(figure, Undefined) else figure


def percent_agreement(a: Sequence[Hashable], b: Sequence[Hashable]) -> Figure:
    """Share of units with equal answers, from 0 to 1."""
    if not a:
        return Undefined(NOTHING_IN_COMMON)
    return sum(x == y for x, y in zip(a, b, strict=True)) / len(a)


def cohen_kappa(
    a: Sequence[Hashable],
    b: Sequence[Hashable],
    order: Sequence[Hashable] = (),
    weights: Literal["quadratic"] | None = None,
) -> Figure:
    """Agreement beyond chance of two raters, at most 1.

    Nominal: Cohen (1960), A Coefficient of Agreement for Nominal Scales. Quadratic: Cohen (1968),
    Weighted Kappa; `order` then gives the labels in the order of their scale.
    """
    if not a:
        return Undefined(NOTHING_IN_COMMON)
    if len({*a, *b}) == 1:
        return Undefined(ONE_LABEL)
    from sklearn.metrics import cohen_kappa_score

    codes = _codes([*order, *a, *b])
    kappa = cohen_kappa_score(
        [codes[x] for x in a], [codes[x] for x in b], weights=weights, labels=sorted(codes.values())
    )
    return float(kappa)


def spearman(x: Sequence[float], y: Sequence[float]) -> Figure:
    """Correlation of ranks, ties sharing their mean rank: Spearman (1904)."""
    from scipy.stats import rankdata

    return _refusal(x, y) or _r(rankdata(x), rankdata(y))


def pearson(x: Sequence[float], y: Sequence[float]) -> Figure:
    """Linear correlation of the numbers themselves: Pearson (1895)."""
    return _refusal(x, y) or _r(np.asarray(x, np.float64), np.asarray(y, np.float64))


def _r(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    return max(-1.0, min(1.0, float(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)))))


def accuracy(
    reference: Sequence[Hashable], answers: Sequence[Hashable], weights: Sequence[float] = ()
) -> Figure:
    """Weighted share of answers equal to the reference; without weights each counts one."""
    shares = np.asarray(weights or [1.0] * len(reference))
    if shares.sum() <= 0:
        return Undefined("there is no answer to compare with the reference")
    hits = np.array([x == y for x, y in zip(reference, answers, strict=True)])
    return float(shares[hits].sum() / shares.sum())


def detection_by_label(
    reference: Sequence[L], answers: Sequence[L], weights: Sequence[float] = ()
) -> dict[L, Detection]:
    """Precision, recall and F1 of each label that the reference contains, in order of first use.

    An answer outside the reference's labels (an unusable one, say) costs its true label recall
    and nobody precision. The precision of a label that was never answered is 0/0: undefined.
    """
    if not reference:
        return {}
    from sklearn.metrics import precision_recall_fscore_support

    codes = _codes([*reference, *answers])
    labels = list(dict.fromkeys(reference))
    rows = precision_recall_fscore_support(
        [codes[x] for x in reference],
        [codes[x] for x in answers],
        labels=[codes[label] for label in labels],
        zero_division=np.nan,
        sample_weight=list(weights) or None,
    )[:3]
    return {
        label: _detection(*figures)
        for label, figures in zip(labels, zip(*rows, strict=True), strict=True)
    }


def macro(by_label: Mapping[L, Detection]) -> Detection:
    """The plain mean over the labels; undefined as soon as it is for one of them."""
    return Detection(
        _mean({label: each.precision for label, each in by_label.items()}),
        _mean({label: each.recall for label, each in by_label.items()}),
        _mean({label: each.f1 for label, each in by_label.items()}),
    )


def positive_rate(
    answers: Sequence[Hashable], positive: Collection[Hashable], weights: Sequence[float] = ()
) -> Figure:
    """Weighted share of the answers that count as "yes"; without weights each counts one."""
    if not positive:
        return NO_POSITIVE
    shares = np.asarray(weights or [1.0] * len(answers))
    if shares.sum() <= 0:
        return Undefined("there is no answer")
    yes = np.array([answer in positive for answer in answers])
    return float(shares[yes].sum() / shares.sum())


def over_selection(
    reference: Sequence[Hashable], answers: Sequence[Hashable], positive: Collection[Hashable]
) -> Figure:
    """How many times as often the answers say "yes" as the reference does; 1 is the same share."""
    by_reference = positive_rate(reference, positive)
    by_answers = positive_rate(answers, positive)
    if isinstance(by_reference, Undefined):
        return by_reference
    if isinstance(by_answers, Undefined):
        return by_answers
    if by_reference == 0:
        return Undefined("the reference selects nothing")
    return by_answers / by_reference


def mean_shift(reference: Sequence[float], answers: Sequence[float]) -> Figure:
    """Mean of answer minus reference, in steps of the scale; above 0 the answers are inflated."""
    if not reference:
        return Undefined("there is no answer to compare with the reference")
    return float(np.mean(np.subtract(answers, reference)))


def _codes(labels: Sequence[Hashable]) -> dict[Hashable, int]:
    """A number for each distinct label: scikit-learn cannot sort labels of mixed types."""
    return {label: code for code, label in enumerate(dict.fromkeys(labels))}


def _refusal(x: Sequence[float], y: Sequence[float]) -> Undefined | None:
    """Why the two have no correlation, if they have none."""
    if len(x) != len(y):
        raise ValueError("the two lists are not aligned")
    if len(x) < 2:
        return Undefined(TOO_FEW)
    if min(x) == max(x) or min(y) == max(y):
        return Undefined(NO_SPREAD)
    return None


def _detection(precision: float, recall: float, f1: float) -> Detection:
    never = Undefined("the label was never answered, so its precision is 0/0")
    weightless = Undefined("no answer about the label's items carries weight")
    return Detection(
        never if np.isnan(precision) else float(precision),
        weightless if np.isnan(recall) else float(recall),
        weightless if np.isnan(f1) else float(f1),
    )


def _mean(figures: Mapping[L, Figure]) -> Figure:
    if not figures:
        return Undefined("there is no answer to compare with the reference")
    for label, figure in figures.items():
        if isinstance(figure, Undefined):
            return Undefined(f'of "{label}": {figure.reason}')
    return float(np.mean(list(figures.values())))
