"""A signal from pairs of raters: the same answers where care alone does not explain them.

For each pair two stories are compared: that one of them copies nearly all answers of the other, and
that both answer as their matrices of errors say. Agreeing on what is plainly right tells little;
agreeing on what nobody else says tells much; one disagreement speaks loudly against copying. The
likelihood ratio of honest pairs exceeds x with a chance of at most 1/x (Markov's inequality), so
that the number of pairs looked at can be accounted for.
"""

from dataclasses import dataclass

import numpy as np

from annotation.quality.chance import HIGHEST
from annotation.quality.dawid_skene import answer_logs, summed_by_unit
from annotation.quality.estimate import Estimate
from annotation.quality.limits import Limits
from annotation.quality.sheets import Measure, Sheet
from annotation.quality.table import AnswerTable, Codes, Floats, counted, from_logs

MOST_PER_UNIT = 500
"""Answers to one unit beyond so many are not paired."""
NOBODY = -1


def copying(sheet: Sheet, estimate: Estimate, limits: Limits) -> Measure:
    """The strongest suspicion that each rater shares answers with one other."""
    table = sheet.table
    expected = chance_of_answers(table, estimate)
    first, second = pairs_of(table)
    pairs = _compared(table, expected, first, second, limits.copied)
    best = _strongest(pairs, table.raters)
    has_one = best != NOBODY
    # At the limit, honest raters among so many pairs reach it with a chance of `alpha` at most.
    needed = np.log(max(len(pairs.code), 1) / limits.alpha)
    levels = np.clip(pairs.ratio / needed, 0.0, HIGHEST)
    partner = np.full(table.raters, NOBODY, dtype=np.int64)
    who = np.flatnonzero(has_one)
    partner[who] = pairs.beside(who, best[who], table.raters)
    return Measure(
        name="copying",
        question=sheet.name,
        value=_taken(pairs.same / np.maximum(pairs.shared, 1), best, np.nan),
        n=_taken(pairs.shared, best, 0.0),
        level=_taken(levels, best, 0.0),
        evidence=_same_answers(sheet, first, second, partner),
        limit=limits.copied,
        partner=partner,
    )


@dataclass(frozen=True)
class Pairs:
    """Entry i: two raters with common units; `code` is the lower one times raters + the other."""

    code: Codes
    shared: Floats
    same: Floats
    ratio: Floats
    """Logarithm of how much better copying explains their answers."""

    def beside(self, who: Codes, pair: Codes, raters: int) -> Codes:
        """The other rater of each pair."""
        one, other = self.code[pair] // raters, self.code[pair] % raters
        return np.where(one == who, other, one)


def chance_of_answers(table: AnswerTable, estimate: Estimate) -> Floats:
    """How probable each answer was, given all others to its unit and everybody's errors."""
    own = answer_logs(table, estimate.confusion)
    logs = np.log(estimate.prior) + summed_by_unit(table, own)
    without = np.asarray(logs[table.unit] - own)
    posterior, _scales = from_logs(without)
    is_known = np.isin(table.unit, table.anchored)
    posterior[is_known] = estimate.posterior[table.unit[is_known]]
    return np.asarray((posterior * np.exp(own)).sum(axis=1))


def pairs_of(table: AnswerTable) -> tuple[Codes, Codes]:
    """Every two answers to the same unit, as positions."""
    order = np.argsort(table.unit, kind="stable")
    units = table.unit[order]
    sizes = np.bincount(units, minlength=1) if len(units) else np.zeros(1, dtype=np.int64)
    order = order[sizes[units] <= MOST_PER_UNIT]
    units = table.unit[order]
    most = int(np.bincount(units).max()) if len(units) else 0
    firsts, seconds = [order[:0]], [order[:0]]
    for apart in range(1, most):
        is_pair = units[apart:] == units[:-apart]
        firsts.append(order[:-apart][is_pair])
        seconds.append(order[apart:][is_pair])
    return np.concatenate(firsts), np.concatenate(seconds)


def _compared(
    table: AnswerTable, expected: Floats, first: Codes, second: Codes, copied: float
) -> Pairs:
    is_same = table.label[first] == table.label[second]
    ratios = np.full(len(first), np.log(1 - copied))
    # Either may be the one who copies: the mean of both ratios.
    for side in (first, second):
        chance = np.maximum(expected[side[is_same]], 1e-12)
        gain = np.log((copied + (1 - copied) * chance) / chance) / 2
        ratios[is_same] = gain if side is first else ratios[is_same] + gain
    lower = np.minimum(table.rater[first], table.rater[second])
    higher = np.maximum(table.rater[first], table.rater[second])
    is_pair = lower != higher
    code, place = np.unique((lower * table.raters + higher)[is_pair], return_inverse=True)
    return Pairs(
        code=code,
        shared=counted(place, len(code)),
        same=counted(place, len(code), is_same[is_pair].astype(np.float64)),
        ratio=counted(place, len(code), ratios[is_pair]),
    )


def _strongest(pairs: Pairs, raters: int) -> Codes:
    """By rater, the place of the pair with the highest ratio, or -1."""
    who = np.concatenate([pairs.code // raters, pairs.code % raters])
    place = np.tile(np.arange(len(pairs.code)), 2)
    order = np.lexsort((pairs.ratio[place], who))
    best = np.full(raters, NOBODY, dtype=np.int64)
    best[who[order]] = place[order]  # of several writes the last, the highest, stays
    return best


def _taken(values: Floats, best: Codes, nothing: float) -> Floats:
    if not len(values):
        return np.full(len(best), nothing)
    return np.where(best == NOBODY, nothing, values[np.maximum(best, 0)])


def _same_answers(sheet: Sheet, first: Codes, second: Codes, partner: Codes) -> Codes:
    """Judgments in which somebody says the same as the one they are paired with."""
    raters, labels = sheet.table.rater, sheet.table.label
    is_same = labels[first] == labels[second]
    behind = [
        sheet.judgment[one[is_same & (partner[raters[one]] == raters[other])]]
        for one, other in ((first, second), (second, first))
    ]
    return np.concatenate(behind)
