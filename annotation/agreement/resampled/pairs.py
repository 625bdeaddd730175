"""Percent agreement and Cohen's kappa of pairs of raters in each resample, and their means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.cells import WRONG_CODE, Cells
from annotation.agreement.chance import Codes, Floats
from annotation.agreement.resampled.correlations import (
    Couples,
    pearson_intervals,
    spearman_intervals,
)
from annotation.agreement.resampled.draws import (
    SEED,
    Draws,
    Interval,
    Statistic,
    Terms,
    bounds,
    divided,
    point,
    terms_of,
)

MOST_PAIRS = 250
"""Pairs that have an interval of their own: those that share most items."""
MOST_OF_GROUP = 1_000
"""Pairs of a group that the interval of its mean is made of; of more, so many are drawn."""

Pairs = Mapping[tuple[int, int], int]
"""Both raters' codes, the lower first, to the figure's number."""


@dataclass(frozen=True)
class _Met:
    """Entry i: two answers to one unit by the raters of a pair, in the pair's order."""

    unit: Codes
    figure: Codes
    one: Codes
    other: Codes

    def both_ways(self, figures: Collection[int]) -> "_Met":
        """With the meetings of these figures once more, the other way round."""
        if not figures:
            return self
        again = np.isin(self.figure, [*figures])
        return _Met(
            unit=np.concatenate([self.unit, self.unit[again]]),
            figure=np.concatenate([self.figure, self.figure[again]]),
            one=np.concatenate([self.one, self.other[again]]),
            other=np.concatenate([self.other, self.one[again]]),
        )


def most_shared(pairs: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """The pairs that share most items, numbered in order; the values are how many they share."""
    ranked = sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:MOST_PAIRS]
    return {pair: number for number, pair in enumerate(sorted(ranked))}


def drawn_pairs(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """All pairs, or so many drawn from a fixed seed, numbered."""
    if len(pairs) > MOST_OF_GROUP:
        drawn = np.random.default_rng(SEED).choice(len(pairs), MOST_OF_GROUP, replace=False)
        pairs = [pairs[at] for at in sorted(drawn.tolist())]
    return {pair: number for number, pair in enumerate(pairs)}


def agreement_terms(
    cells: Cells, raters: Codes, pairs: Pairs, alike: Collection[int] = ()
) -> Terms:
    """Per figure: weight in common, of equal answers, then of each label by either side.

    Of the figures `alike` every meeting is counted both ways round.
    """
    votes = cells.votes
    kept = votes.where((votes.label != WRONG_CODE) & (raters[votes.view] >= 0))
    met = _meetings(kept.unit, raters[kept.view], pairs).both_ways(alike)
    weight = kept.weight[met.one] * kept.weight[met.other]
    one, other = kept.label[met.one], kept.label[met.other]
    labels = len(cells.labels)
    parts: list[tuple[Codes, Codes, Codes | int, Floats]] = [
        (met.unit, met.figure, 0, weight),
        (met.unit, met.figure, 1, weight * (one == other)),
        (met.unit, met.figure, 2 + one, weight),
        (met.unit, met.figure, 2 + labels + other, weight),
    ]
    return terms_of(parts, 1 + max(pairs.values(), default=-1), 2 + 2 * labels)


def agreement_of(labels: int) -> Statistic:
    """Percent and Cohen's kappa (Cohen 1960) from the sums of `agreement_terms`."""

    def statistic(sums: Floats) -> Floats:
        total = sums[:, 0]
        same = divided(sums[:, 1], total)
        one, other = sums[:, 2 : 2 + labels], sums[:, 2 + labels :]
        chance = divided(np.einsum("flr,flr->fr", one, other), total * total)
        return np.stack([same, divided(same - chance, 1 - chance)])

    return statistic


def pair_intervals(
    draws: Draws, cells: Cells, raters: Codes, pairs: Pairs, *, has_order: bool, has_labels: bool
) -> dict[str, list[Interval]]:
    """By name, the interval of each pair's figure; kinds that the scale rules out are left out."""
    terms = agreement_terms(cells, raters, pairs)
    found = draws.intervals(terms, agreement_of(len(cells.labels)))
    percent, kappa = found or ([], [])
    named = {"percent": percent} | ({"cohen_kappa": kappa} if has_labels else {})
    if not has_order:
        return named
    couples = _couples(cells, raters, pairs)
    return named | {
        "spearman": spearman_intervals(draws, couples),
        "pearson": pearson_intervals(draws, couples),
    }


def mean_intervals(
    draws: Draws, cells: Cells, raters: Codes, pairs: Pairs, whole: Mapping[str, float]
) -> dict[str, Interval]:
    """The intervals of the mean percent and the mean kappa over the pairs that have one.

    They are moved so that the mean over the resamples is the figure itself, `whole`: kappa on few
    items leans low where items are drawn twice, and `pairs` may be some of all.
    """
    terms, statistic = agreement_terms(cells, raters, pairs), agreement_of(len(cells.labels))
    sums, counts = np.zeros((2, draws.resamples)), np.zeros((2, draws.resamples))
    for _, values in draws.values(terms, statistic):
        known = ~np.isnan(values)
        sums += np.where(known, values, 0).sum(axis=1)
        counts += known.sum(axis=1)
    means = divided(sums, counts)
    middle = divided(np.nansum(means, axis=1), (~np.isnan(means)).sum(axis=1).astype(np.float64))
    wanted = np.array([whole.get("percent", np.nan), whole.get("cohen_kappa", np.nan)])
    moved = means + np.nan_to_num(wanted - middle)[:, None]
    alone = np.full(2, len(draws.persons_of(terms)) < 2)
    percent, kappa = bounds(moved, alone)
    return {"percent": percent, "cohen_kappa": kappa}


def pooled(
    draws: Draws, cells: Cells, raters: Codes, pairs: Pairs, alike: Collection[int]
) -> tuple[Floats, list[Interval]]:
    """Cohen's kappa of all meetings of many pairs in one table, and its intervals, by figure.

    `pairs` gives each pair the number of its figure; nan is none. Of the figures `alike` neither
    rater of a pair is the first, so that both sides have the same shares of labels (Scott 1955);
    with as many answers to every item this is Fleiss' kappa.
    """
    terms = agreement_terms(cells, raters, pairs, alike)
    statistic = agreement_of(len(cells.labels))
    found = draws.intervals(terms, statistic)
    return point(terms, statistic)[1], found[1] if found else []


def _couples(cells: Cells, raters: Codes, pairs: Pairs) -> Couples:
    marks = cells.marks
    kept = np.flatnonzero(raters[marks.view] >= 0)
    met = _meetings(marks.unit[kept], raters[marks.view[kept]], pairs)
    x, y = marks.number[kept][met.one], marks.number[kept][met.other]
    return Couples(met.unit, met.figure, x, y, len(pairs))


def _meetings(unit: Codes, rater: Codes, pairs: Pairs) -> _Met:
    """Every two entries about one unit by the two raters of a pair."""
    numbers = _table(rater, pairs)
    order = np.lexsort((rater, unit))
    unit, rater = unit[order], rater[order]
    sizes = np.unique(unit, return_counts=True)[1]
    parts: list[tuple[Codes, Codes, Codes]] = []
    for apart in range(1, int(sizes.max(initial=1))):
        left = np.flatnonzero(unit[apart:] == unit[:-apart])
        figure = numbers[rater[left], rater[left + apart]]
        left, figure = left[figure >= 0], figure[figure >= 0]
        parts.append((figure, order[left], order[left + apart]))
    none = np.zeros(0, np.intp)
    figure, one, other = (
        np.concatenate([none, *each]) for each in (zip(*parts, strict=True) if parts else [[]] * 3)
    )
    places = np.empty(len(order), np.intp)
    places[order] = np.arange(len(order))
    return _Met(unit[places[one]], figure, one, other)


def _table(rater: Codes, pairs: Pairs) -> Codes:
    """The number of each pair by the codes of both, the lower first; -1 is none."""
    size = int(rater.max(initial=-1)) + 1
    table = np.full((size, size), -1, np.intp)
    for (one, other), number in pairs.items():
        table[one, other] = number
    return table
