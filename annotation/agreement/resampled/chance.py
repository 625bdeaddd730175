"""Alpha and Fleiss' kappa of resampled people."""

from dataclasses import dataclass

import numpy as np

from annotation.agreement.answers import Scale
from annotation.agreement.chance import NO_TWO_ANSWERS, Codes, Floats
from annotation.agreement.figures import Undefined
from annotation.agreement.resampled.draws import Draws, Interval, Terms, divided, terms_of


def alpha_interval(draws: Draws, units: Codes, numbers: Floats, scale: Scale) -> Interval:
    """The interval of `alpha_of_answers`; entry i is an answer to the unit `units[i]`."""
    _, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    paired = sizes[unit] >= 2
    answers = Answers(units[paired], numbers[paired], sizes[unit][paired].astype(np.float64))
    if not paired.any():
        return Undefined(NO_TWO_ANSWERS)
    if scale == "interval":
        return draws.intervals(_moments(answers), _alpha_of_moments)[0][0]
    values, value = np.unique(answers.number, return_inverse=True)
    terms = _coincidences(answers, value, len(values))
    if scale == "nominal":
        return draws.intervals(terms, lambda sums: _alpha(sums, len(values), ranked=False))[0][0]
    return draws.intervals(terms, lambda sums: _alpha(sums, len(values), ranked=True))[0][0]


@dataclass(frozen=True)
class Answers:
    """Answers to units that have at least two: unit, number, and how many the unit has."""

    unit: Codes
    number: Floats
    size: Floats


def _moments(answers: Answers) -> Terms:
    """Of one figure: answers, their sum, the sum of squares, observed disagreement."""
    x = answers.number - (answers.number.mean() if len(answers.number) else 0)
    _, place = np.unique(answers.unit, return_inverse=True)
    sizes = np.maximum(np.bincount(place), 1)
    apart = x - (np.bincount(place, weights=x) / sizes)[place]
    observed = 2 * answers.size * apart**2 / (answers.size - 1)
    figure = np.zeros(len(x), np.intp)
    columns = (np.ones(len(x)), x, x * x, observed)
    return terms_of([(answers.unit, figure, at, each) for at, each in enumerate(columns)], 1, 4)


def _alpha_of_moments(sums: Floats) -> Floats:
    n, x, xx, observed = (sums[:, at] for at in range(4))
    return (1 - divided(observed * (n - 1), 2 * (n * xx - x * x)))[None]


def _coincidences(answers: Answers, value: Codes, values: int) -> Terms:
    """Of one figure: how often two answers to a unit are the values c and d, a unit's pairs
    weighing one less than its number of answers (Krippendorff's coincidence matrix)."""
    order = np.argsort(answers.unit, kind="stable")
    unit, value, size = answers.unit[order], value[order], answers.size[order]
    parts = []
    for apart in range(1, int(size.max(initial=1))):
        left = np.flatnonzero(unit[apart:] == unit[:-apart])
        right, share = left + apart, 1 / (size[left] - 1)
        figure = np.zeros(len(left), np.intp)
        parts.append((unit[left], figure, value[left] * values + value[right], share))
        parts.append((unit[left], figure, value[right] * values + value[left], share))
    return terms_of(parts, 1, values * values)


def _alpha(sums: Floats, values: int, *, ranked: bool) -> Floats:
    """1 less observed by expected disagreement; ordinal distances go by the resample's ranks."""
    table = sums[0].reshape(values, values, -1)
    counts = table.sum(axis=1)
    n = counts.sum(axis=0)
    if ranked:
        ranks = np.cumsum(counts, axis=0) - counts / 2
        distance = (ranks[:, None] - ranks[None, :]) ** 2
    else:
        distance = np.broadcast_to(~np.eye(values, dtype=bool)[:, :, None], table.shape).astype(
            np.float64
        )
    observed = (table * distance).sum(axis=(0, 1))
    expected = (counts[:, None] * counts[None, :] * distance).sum(axis=(0, 1))
    return (1 - divided(observed * (n - 1), expected))[None, None]


def fleiss_terms(unit: Codes, label: Codes, labels: int, size: int) -> Terms:
    """Of one figure, from units with `size` answers each: how often each label was given, then
    the ordered pairs of equal answers to a unit."""
    place, counts = np.unique(unit * labels + label, return_counts=True)
    of = place // labels
    zero = np.zeros(len(of), np.intp)
    share = counts.astype(np.float64)
    same = share * (share - 1) / (size - 1)
    return terms_of([(of, zero, place % labels, share), (of, zero, labels, same)], 1, labels + 1)


def fleiss_of(sums: Floats) -> Floats:
    """Fleiss (1971): both sums go by the number of answers."""
    given, same = sums[:, :-1], sums[:, -1]
    n = given.sum(axis=1)
    chance = divided((given**2).sum(axis=1), n * n)
    return divided(divided(same, n) - chance, 1 - chance)[None]
