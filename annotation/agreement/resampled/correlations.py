"""Correlations of pairs of numbers in each resample: Pearson's, and Spearman's on fresh ranks."""

from dataclasses import dataclass

import numpy as np

from annotation.agreement.chance import Codes, Floats
from annotation.agreement.resampled.draws import Draws, Interval, Terms, bounds, divided, terms_of

AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Couples:
    """Entry i: both numbers that figure `figure[i]` compares for unit `unit[i]`."""

    unit: Codes
    figure: Codes
    x: Floats
    y: Floats
    figures: int


def pearson_terms(couples: Couples) -> Terms:
    """Sums of 1, x, y, x², y² and xy, with numbers taken from their middle for precision."""
    x = couples.x - (couples.x.mean() if len(couples.x) else 0)
    y = couples.y - (couples.y.mean() if len(couples.y) else 0)
    sums = (np.ones(len(x)), x, y, x * x, y * y, x * y)
    parts = [(couples.unit, couples.figure, at, each) for at, each in enumerate(sums)]
    return terms_of(parts, couples.figures, len(sums))


def pearson_of(sums: Floats) -> Floats:
    """Pearson's r of each figure and resample."""
    n, x, y, xx, yy, xy = (sums[:, at] for at in range(6))
    spread = (n * xx - x * x) * (n * yy - y * y)
    return correlation(n * xy - x * y, spread, n)[None]


def correlation(shared: Floats, spread: Floats, n: Floats) -> Floats:
    """The covariance by the root of the product of variances; nan where one has no spread."""
    known = spread > 1e-9 * np.maximum(n, 1) ** 2
    return np.clip(
        np.where(known, divided(shared, np.sqrt(np.maximum(spread, 0))), np.nan), -1.0, 1.0
    )


def pearson_intervals(draws: Draws, couples: Couples) -> list[Interval]:
    """The interval of each figure's Pearson correlation."""
    return draws.intervals(pearson_terms(couples), pearson_of)[0] if couples.figures else []


def spearman_intervals(draws: Draws, couples: Couples) -> list[Interval]:
    """The interval of each figure's Spearman correlation, ranked anew in every resample.

    A figure at a time: its distinct pairs of numbers are weighed per resample, their ranks follow
    from how often each number was drawn, equal numbers sharing the mean of theirs.
    """
    order = np.argsort(couples.figure, kind="stable")
    ends = np.searchsorted(couples.figure[order], np.arange(couples.figures + 1))
    found: list[Interval] = []
    for figure in range(couples.figures):
        mine = order[ends[figure] : ends[figure + 1]]
        values, persons = _spearman(draws, couples, mine)
        found += bounds(values[None], np.array([persons < 2]))
    return found


def _spearman(draws: Draws, couples: Couples, mine: Codes) -> tuple[Floats, int]:
    """Spearman's rho of one figure's entries in every resample, and how many persons they span."""
    if not len(mine):
        return np.full(draws.resamples, np.nan), 0
    xs, x = np.unique(couples.x[mine], return_inverse=True)
    ys, y = np.unique(couples.y[mine], return_inverse=True)
    cell, place = np.unique(x * len(ys) + y, return_inverse=True)
    one = np.zeros(len(mine), np.intp)
    cells = Terms(couples.unit[mine], one, place, np.ones(len(mine)), 1, len(cell))
    first, second = _Values(cell // len(ys), len(xs)), _Values(cell % len(ys), len(ys))
    parts = [_rho(weight, first, second) for weight in draws.totals(cells, AT_ONCE)]
    return np.concatenate(parts), int(draws.persons_in(cells)[0])


def _rho(weight: Floats, first: "_Values", second: "_Values") -> Floats:
    """From how often each cell of the table of both numbers was drawn (cells × resamples)."""
    n = weight.sum(axis=0)
    a, b = (each.ranks(weight) - (n + 1) / 2 for each in (first, second))
    weighed = weight * a
    spread = (weighed * a).sum(axis=0) * (weight * b * b).sum(axis=0)
    return correlation((weighed * b).sum(axis=0), spread, n)


class _Values:
    """Which of `count` values, in order, each cell of a table has on one side."""

    def __init__(self, value: Codes, count: int) -> None:
        from scipy.sparse import csr_array

        self._value = value
        cells = np.arange(len(value))
        self._by_value = csr_array((np.ones(len(value)), (value, cells)), (count, len(value)))

    def ranks(self, weight: Floats) -> Floats:
        """The rank of each cell's value in each resample, from 1; equal values share the mean."""
        counts = self._by_value @ weight
        return np.asarray((np.cumsum(counts, axis=0) - counts / 2 + 0.5)[self._value])
