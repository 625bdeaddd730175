"""Persons drawn again and again, and what figures become of them: the bootstrap.

Cluster bootstrap: Davison & Hinkley (1997), Bootstrap Methods and their Application, 3.8. Whole
persons are drawn with replacement, as many as there are, so that what is about one person stays
together; what is about nobody is drawn item by item. The 2.5th and 97.5th percentile of a figure
over the resamples bound it. The seed is fixed: equal data give equal intervals.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.chance import Codes, Floats
from annotation.agreement.figures import Undefined

RESAMPLES = 2_000
SEED = 20_261_121
LEVEL = 0.95
METHOD = "percentile"
AT_ONCE = 1_000_000
"""Numbers that are worked on at a time: few enough to stay near the processor."""
EXACT = 4_000_000
"""Counts up to which they are held in double precision."""

ONE_CLUSTER = "all of it is about one person"
MOSTLY_NOTHING = "most resamples give no figure"

Interval: TypeAlias = tuple[float, float] | Undefined
Statistic: TypeAlias = Callable[[Floats], Floats]
"""Sums (figures × terms × resamples) to figures (kinds × figures × resamples); nan is none."""


@dataclass(frozen=True)
class Terms:
    """The sums that `figures` figures are made of, each of `width` terms.

    Entry i adds `value[i]` to term `term[i]` of figure `figure[i]`; it is about unit `unit[i]`.
    """

    unit: Codes
    figure: Codes
    term: Codes
    value: Floats
    figures: int
    width: int


def terms_of(
    parts: Sequence[tuple[Codes, Codes, Codes | int, Floats]], figures: int, width: int
) -> Terms:
    """Terms from parts of (unit, figure, term, value); a term may be one for the whole part."""
    columns: list[list[Any]] = [[], [], [], []]
    for unit, figure, term, value in parts:
        whole = np.full(len(unit), term, np.intp) if isinstance(term, int) else term
        for column, each in zip(columns, (unit, figure, whole, value), strict=True):
            column.append(each)
    unit, figure, term = (np.concatenate([*each, np.zeros(0, np.intp)]) for each in columns[:3])
    return Terms(unit, figure, term, np.concatenate([*columns[3], np.zeros(0)]), figures, width)


class Draws:
    """Resamples of the persons that units are about."""

    def __init__(self, clusters: Codes, resamples: int = RESAMPLES, seed: int = SEED) -> None:
        """`clusters[unit]` is the number of the person that a unit is about, from 0."""
        self._of_unit = clusters
        self.size = int(clusters.max(initial=-1)) + 1
        self.resamples = resamples
        self._counts = drawn(self.size, resamples, seed)

    def values(self, terms: Terms, statistic: Statistic) -> Iterator[tuple[slice, Floats]]:
        """Figures in each resample: some figures at a time (kinds × figures × resamples)."""
        step = max(1, AT_ONCE // max(1, terms.width * self.resamples))
        matrix = self._sums(terms)
        for start in range(0, terms.figures, step):
            stop = min(start + step, terms.figures)
            rows = matrix[start * terms.width : stop * terms.width]
            totals = np.asarray(rows @ self._counts, dtype=np.float64)
            yield (
                slice(start, stop),
                statistic(totals.reshape(stop - start, terms.width, self.resamples)),
            )

    def intervals(
        self, terms: Terms, statistic: Statistic, rests_on: Sequence[Collection[int]] = ()
    ) -> list[list[Interval]]:
        """Of each kind of figure a list: the interval of every figure, or why there is none.

        `rests_on` names for each kind the terms whose persons it depends on, if not all.
        """
        alone = [self.persons_in(terms, among) < 2 for among in rests_on]
        alone = alone or [self.persons_in(terms) < 2]
        found: list[list[Interval]] = []
        for where, values in self.values(terms, statistic):
            found = found or [[] for _ in values]
            for kind, each, single in zip(found, values, cycle(alone), strict=False):
                kind += bounds(each, single[where])
        return found

    def persons_in(self, terms: Terms, among: Collection[int] | None = None) -> Codes:
        """How many persons each figure's entries are about; of some terms, those that add to it."""
        pairs = terms.figure * self.size + self._of_unit[terms.unit]
        if among is not None:
            pairs = pairs[np.isin(terms.term, list(among)) & (terms.value != 0)]
        return np.bincount(np.unique(pairs) // max(1, self.size), minlength=terms.figures)

    def persons_of(self, terms: Terms) -> Codes:
        """The numbers of the persons whom any entry is about."""
        return np.unique(self._of_unit[terms.unit])

    def totals(self, terms: Terms, at_once: int = AT_ONCE) -> Iterator[Floats]:
        """All terms of one figure in some resamples at a time (terms × resamples)."""
        matrix, step = self._sums(terms), max(1, at_once // max(1, terms.width))
        for start in range(0, self.resamples, step):
            yield np.asarray(matrix @ self._counts[:, start : start + step], dtype=np.float64)

    def _sums(self, terms: Terms) -> Any:
        """Every term's sum per person: figures · terms × persons."""
        from scipy.sparse import csr_array

        place = terms.figure * terms.width + terms.term
        shape = (terms.figures * terms.width, self.size)
        return csr_array(
            (terms.value.astype(self._counts.dtype), (place, self._of_unit[terms.unit])),
            shape=shape,
        )


def point(terms: Terms, statistic: Statistic) -> Floats:
    """The figures of the data themselves: kinds × figures; nan is none."""
    place = terms.figure * terms.width + terms.term
    sums = np.bincount(place, weights=terms.value, minlength=terms.figures * terms.width)
    whole: Floats = sums.astype(np.float64).reshape(terms.figures, terms.width, 1)
    return statistic(whole)[:, :, 0]


def drawn(size: int, resamples: int, seed: int) -> NDArray[Any]:
    """How often each of `size` persons is drawn, a column per resample.

    Of many persons in single precision: counts stay exact, and sums are to six digits.
    """
    rng = np.random.default_rng(seed)
    exact = size * resamples <= EXACT
    counts = np.empty((size, resamples), dtype=np.float64 if exact else np.float32)
    step = max(1, AT_ONCE // max(1, size))
    for start in range(0, resamples if size else 0, step):
        n = min(step, resamples - start)
        who = rng.integers(0, size, size=(n, size)) + np.arange(n)[:, None] * size
        counts[:, start : start + n] = (
            np.bincount(who.ravel(), minlength=n * size).reshape(n, size).T
        )
    return counts


def bounds(values: Floats, alone: NDArray[np.bool_]) -> list[Interval]:
    """The interval of each row of resampled values; nan is left out, and `alone` has none."""
    resamples = values.shape[1]
    ranked = np.sort(values, axis=1)  # nan goes to the end
    known = resamples - np.isnan(ranked).sum(axis=1)
    low, high = (_quantile(ranked, known, at) for at in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return [
        Undefined(ONE_CLUSTER)
        if single
        else Undefined(MOSTLY_NOTHING)
        if n < resamples / 2
        else (one, other)
        for single, n, one, other in zip(
            alone.tolist(), known.tolist(), low.tolist(), high.tolist(), strict=True
        )
    ]


def within(interval: Interval, low: float, high: float) -> Interval:
    """The interval as far as the figure can reach."""
    if isinstance(interval, Undefined):
        return interval
    one, other = (min(max(end, low), high) for end in interval)
    return one, other


def _quantile(ranked: Floats, known: Codes, share: float) -> Floats:
    """Of each row's first `known` values, between two of them in proportion (Hyndman–Fan 7)."""
    place = np.maximum(known - 1, 0) * share
    below = np.floor(place).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(known - 1, 0))
    rows = np.arange(len(ranked))
    one, other = ranked[rows, below], ranked[rows, above]
    return np.asarray(one + (other - one) * (place - below), dtype=np.float64)


def divided(numerator: Floats, denominator: Floats) -> Floats:
    """One by another; nan where the other is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(denominator) < 1e-12, np.nan, numerator / denominator)
