"""Agreement of any number of raters beyond chance: Krippendorff's alpha and Fleiss' kappa."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.answers import Scale
from annotation.agreement.figures import Figure, Undefined

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]

NO_TWO_ANSWERS = "no item has answers of two people"
ONE_VALUE = "every answer is the same, so nothing could have differed by chance"


def krippendorff_alpha(
    ratings: Sequence[Sequence[Hashable]], scale: Scale, order: Sequence[Hashable] = ()
) -> Figure:
    """Alpha of a table of one row per rater and one column per unit; None or nan is missing.

    At most 1; 0 is chance. `order` gives the values of an ordinal scale from one end to the other;
    without it, and for an interval scale, the values must be numbers.
    """
    answers = [
        (unit, value) for row in ratings for unit, value in enumerate(row) if not _is_missing(value)
    ]
    levels = list(dict.fromkeys(value for _, value in answers))
    steps = {value: float(step) for step, value in enumerate(order)}
    if scale != "nominal" and not order:
        steps = {value: float(str(value)) for value in levels}
    codes = {value: float(code) for code, value in enumerate(levels)}
    numbers = codes if scale == "nominal" else steps
    return alpha_of_answers(
        np.array([unit for unit, _ in answers], dtype=np.intp),
        np.array([numbers[value] for _, value in answers], dtype=np.float64),
        scale,
    )


def alpha_of_answers(units: Codes, numbers: Floats, scale: Scale) -> Figure:
    """Alpha of answers given one by one: entry i is one rater's answer to the unit `units[i]`.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: 1 minus observed by expected
    disagreement over all pairs of answers to one unit and to any units. A unit with one answer
    pairs with nothing and drops out. For nominal data the numbers only name the values. The
    ordinal distance of two values is the number of answers between them, so it is the interval
    distance of their mean ranks. Cost: linear in the answers, but for a sort.
    """
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    paired = sizes[unit] >= 2
    if not paired.any():
        return Undefined(NO_TWO_ANSWERS)
    _, value = np.unique(numbers[paired], return_inverse=True)
    if value.max() == 0:
        return Undefined(ONE_VALUE)
    _, unit = np.unique(unit[paired], return_inverse=True)
    if scale == "nominal":
        observed, expected = _unequal_pairs(unit, value), _unequal_pairs(np.zeros_like(unit), value)
    else:
        places = numbers[paired] if scale == "interval" else _mean_ranks(value)
        observed, expected = _distances(unit, places), _distances(np.zeros_like(unit), places)
    return float(1 - observed / expected)


def fleiss_kappa(ratings: Sequence[Sequence[Hashable]]) -> Figure:
    """Kappa of one row per rater and one column per unit, every unit with the same number of
    answers (None or nan is missing, and any raters may have given them).

    Fleiss (1971), Measuring Nominal Scale Agreement Among Many Raters.
    """
    columns = [
        [value for value in column if not _is_missing(value)]
        for column in zip(*ratings, strict=True)
    ]
    counts = [Counter(column) for column in columns]
    sizes = {len(column) for column in columns}
    if not sizes or max(sizes) < 2:
        return Undefined(NO_TWO_ANSWERS)
    if len(sizes) > 1:
        return Undefined("Fleiss' kappa needs the same number of answers for every item")
    size, total = max(sizes), Counter(value for column in columns for value in column)
    if len(total) == 1:
        return Undefined(ONE_VALUE)
    same = sum(n * (n - 1) for count in counts for n in count.values())
    observed = same / (len(columns) * size * (size - 1))
    expected = sum((n / total.total()) ** 2 for n in total.values())
    return (observed - expected) / (1 - expected)


def _is_missing(value: Hashable) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _unequal_pairs(unit: Codes, value: Codes) -> float:
    """Ordered pairs of unequal answers within a unit, by its number of answers less one."""
    sizes = np.bincount(unit)
    cells, counts = np.unique(np.stack([unit, value]), axis=1, return_counts=True)
    equal = np.bincount(cells[0], weights=counts.astype(np.float64) ** 2)
    return float(((sizes.astype(np.float64) ** 2 - equal) / (sizes - 1)).sum())


def _distances(unit: Codes, places: Floats) -> float:
    """Squared distances of the ordered pairs within a unit, by its number of answers less one."""
    sizes = np.bincount(unit)
    apart = places - (np.bincount(unit, weights=places) / sizes)[unit]
    return float((2 * sizes * np.bincount(unit, weights=apart**2) / (sizes - 1)).sum())


def _mean_ranks(value: Codes) -> Floats:
    """The rank of each answer among all of them, equal answers sharing the mean of theirs."""
    counts = np.bincount(value)
    return np.asarray((np.cumsum(counts) - counts / 2)[value], dtype=np.float64)
