"""Agreement of every two raters at once: percent, Cohen's kappa, Spearman and Pearson."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.answers import Question
from annotation.agreement.cells import WRONG_CODE, Cells, Marks, Votes
from annotation.agreement.chance import Codes, Floats
from annotation.agreement.figures import (
    NO_ORDER,
    NO_SPREAD,
    NOTHING_IN_COMMON,
    ONE_LABEL,
    TOO_FEW,
    Figure,
    Undefined,
)

OPEN_SCALE = Undefined("an interval scale without listed values has no labels for a kappa")
NEITHER = (NO_ORDER, NO_ORDER)


@dataclass(frozen=True)
class Pair:
    """The figures of raters `a` < `b` over the `n` units that both gave a label."""

    a: int
    b: int
    n: int
    percent: Figure
    cohen_kappa: Figure
    spearman: Figure
    pearson: Figure


def pairs_of(
    question: Question, cells: Cells, raters: Sequence[int], correlated: bool = True
) -> list[Pair]:
    """Every two raters with a unit in common; `raters[view]` is a view's rater, -1 to leave out.

    A rater's answers to a unit in several orders meet each answer of the other with the product
    of their weights; an unusable answer is no answer here. Numbers on an open scale have no
    kappa. Same definitions as in `figures`, computed by matrix products, since a panel of 200
    raters makes 19,900 pairs. Cost: labels x answers and, unless `correlated` is off, raters x
    their own answers x raters.
    """
    codes = np.array(raters, dtype=np.intp)
    has_order = question.scale != "nominal"
    is_open = question.scale == "interval" and not question.values
    found = _correlations(cells, codes) if correlated and has_order else {}
    return [
        Pair(a, b, n, percent, OPEN_SCALE if is_open else kappa, *found.get((a, b), NEITHER))
        for a, b, n, percent, kappa in _agreements(cells, codes)
    ]


def _agreements(cells: Cells, raters: Codes) -> Iterator[tuple[int, int, int, Figure, Figure]]:
    """Percent and kappa (Cohen 1960) of each pair: both raters' codes, shared units, figures.

    With p the share of units with equal labels and e the sum over labels of the product of both
    raters' shares of it, on their shared units: kappa = (p - e) / (1 - e).
    """
    counted = (cells.votes.label != WRONG_CODE) & (raters[cells.votes.view] >= 0)
    votes, every = cells.votes.where(counted), np.ones(int(counted.sum()), dtype=np.bool_)
    who, height = raters[votes.view], len(cells.units) * len(cells.labels)
    answered = _sparse(votes, who, votes.unit, len(cells.units), every)
    a, b, n = _sharing(answered)
    if not len(a):
        return
    labelled = _sparse(votes, who, votes.unit * len(cells.labels) + votes.label, height, every)
    total = _at(answered.T @ answered, a, b)
    percent = _at(labelled.T @ labelled, a, b) / total
    chance = np.zeros(len(a))
    for label in range(len(cells.labels)):
        given = _sparse(votes, who, votes.unit, len(cells.units), votes.label == label)
        shares = given.T @ answered
        chance += _at(shares, a, b) * _at(shares, b, a) / total**2
    table = np.stack([a, b, n, percent, chance], axis=1)
    for one, other, shared, p, e in table.tolist():
        kappa = Undefined(ONE_LABEL) if e > 1 - 1e-12 else (p - e) / (1 - e)
        yield int(one), int(other), int(shared), p, kappa


def _sparse(votes: Votes, who: Codes, rows: Codes, height: int, chosen: NDArray[np.bool_]) -> Any:
    """The chosen votes' weights as a matrix of the given rows, with a column for each rater."""
    from scipy.sparse import csr_array

    shape = (height, int(who.max(initial=-1)) + 1)
    return csr_array((votes.weight[chosen], (rows[chosen], who[chosen])), shape=shape)


def _sharing(answered: Any) -> tuple[Codes, Codes, Codes]:
    """Every two raters a < b who answered a unit in common, in order, with the number of units."""
    if 0 in answered.shape:
        return (np.zeros(0, np.intp),) * 3
    both = (answered != 0).astype(np.int64)
    shared = (both.T @ both).tocoo()
    a, b, n = shared.row, shared.col, shared.data
    order = np.lexsort((b, a))
    order = order[a[order] < b[order]]
    return a[order], b[order], n[order]


def _at(matrix: Any, rows: Codes, columns: Codes) -> Floats:
    """The entries of a sparse matrix at the given places."""
    return np.asarray(matrix[rows, columns], dtype=np.float64).ravel()


def _correlations(cells: Cells, raters: Codes) -> dict[tuple[int, int], tuple[Figure, Figure]]:
    """Spearman and Pearson of each pair of raters with a unit in common."""
    table = _wide(cells, raters)
    found: dict[tuple[int, int], tuple[Figure, Figure]] = {}
    for a in range(table.shape[1]):
        rows = table[~np.isnan(table[:, a])]
        others = a + 1 + np.flatnonzero(~np.isnan(rows[:, a + 1 :]).all(axis=0))
        if not len(others):
            continue
        y = rows[:, others]
        x = np.where(np.isnan(y), np.nan, rows[:, [a]])
        figures = zip(_correlate(_ranked(x), _ranked(y)), _correlate(x, y), strict=True)
        found |= {(a, b): pair for b, pair in zip(others.tolist(), figures, strict=True)}
    return found


def _wide(cells: Cells, raters: Codes) -> Floats:
    """Units in rows, raters in columns, nan where a rater gave no number."""
    marks: Marks = cells.marks
    who = raters[marks.view]
    table = np.full((len(cells.units), int(raters.max(initial=-1)) + 1), np.nan)
    table[marks.unit[who >= 0], who[who >= 0]] = marks.number[who >= 0]
    return table


def _ranked(table: Floats) -> Floats:
    """Ranks within each column, ties sharing the mean; missing entries rank behind and stay nan."""
    from scipy.stats import rankdata

    missing = np.isnan(table)
    ranks = rankdata(np.where(missing, np.inf, table), axis=0)
    return np.where(missing, np.nan, ranks)


def _correlate(x: Floats, y: Floats) -> list[Figure]:
    """Pearson's correlation of each column of x with that of y; both miss the same entries."""
    n = (~np.isnan(x)).sum(axis=0)
    flat = (_spread(x) == 0) | (_spread(y) == 0)
    dx, dy = x - np.nanmean(x, axis=0), y - np.nanmean(y, axis=0)
    sizes = np.sqrt(np.nansum(dx**2, axis=0) * np.nansum(dy**2, axis=0))
    r: NDArray[np.float64] = np.nansum(dx * dy, axis=0) / np.where(sizes > 0, sizes, 1)
    return [_correlation(*row) for row in zip(n.tolist(), flat.tolist(), r.tolist(), strict=True)]


def _correlation(n: int, flat: bool, r: float) -> Figure:
    if n < 1:
        return Undefined(NOTHING_IN_COMMON)
    if n < 2:
        return Undefined(TOO_FEW)
    return Undefined(NO_SPREAD) if flat else max(-1.0, min(1.0, r))


def _spread(table: Floats) -> Floats:
    return np.asarray(np.nanmax(table, axis=0) - np.nanmin(table, axis=0), dtype=np.float64)
