"""Signals from comparing with others: agreement beyond chance, and reliability by a model."""

from dataclasses import replace

import numpy as np

from annotation.quality.chance import level_of, so_low
from annotation.quality.dawid_skene import dawid_skene
from annotation.quality.estimate import Estimate
from annotation.quality.limits import Limits
from annotation.quality.sheets import GOLD, MAIN, NOT_EXPECTED, Measure, Sheet
from annotation.quality.table import UNKNOWN, AnswerTable, Floats, counted, normalized

SMALLEST_VARIANCE = 0.01
FEWEST = 3
"""Raters with enough answers, for one of them to be the middle one."""


def compared(sheet: Sheet) -> Sheet:
    """Answers of those who are asked the same as others; no practice, checks or repeats."""
    is_asked = (sheet.purpose == MAIN) | (sheet.purpose == GOLD)
    return sheet.where(sheet.is_compared & is_asked)


def with_gold(sheet: Sheet) -> AnswerTable:
    """The answers, with what is known to be right about gold items."""
    told = np.flatnonzero((sheet.purpose == GOLD) & (sheet.expected != NOT_EXPECTED))
    unit, expected = sheet.table.unit[told], sheet.expected[told]
    known = np.full(sheet.table.units, UNKNOWN, dtype=np.int64)
    known[unit] = expected
    # Where several answers are right, none is known to be the one, whatever was answered.
    known[unit[(expected != known[unit]) | sheet.has_several[told]]] = UNKNOWN
    return replace(sheet.table, known=known)


def estimated(sheet: Sheet) -> Estimate:
    """Dawid and Skene's model of a compared sheet."""
    return dawid_skene(with_gold(sheet))


def agreement(sheet: Sheet, limits: Limits) -> Measure:
    """Kappa of each rater against all others who answered the same, of a compared sheet."""
    table = sheet.table
    by_unit = counted(table.unit * table.labels + table.label, table.units * table.labels)
    by_unit = by_unit.reshape(table.units, table.labels)
    others = by_unit.sum(axis=1)[table.unit] - 1
    met = np.flatnonzero(others > 0)
    same = (by_unit[table.unit, table.label] - 1)[met] / others[met]
    rater = table.rater[met]
    n = counted(rater, table.raters)
    observed = counted(rater, table.raters, same) / np.maximum(n, 1)
    kappa, error = _beyond_chance(observed, _expected(table, by_unit), n)
    return Measure(
        name="agreement",
        question=sheet.name,
        value=np.where(n > 0, kappa, np.nan),
        n=n,
        level=_relative(kappa, error, n, limits.agreement, limits),
        evidence=sheet.judgment[met[same == 0]],
        limit=limits.agreement,
    )


def reliability(sheet: Sheet, estimate: Estimate, limits: Limits) -> Measure:
    """How probable a right answer is beyond chance, of a compared sheet."""
    table = sheet.table
    n = counted(table.rater, table.raters)
    answers = np.einsum("z,rzl->rl", estimate.prior, estimate.confusion)
    chance = answers @ estimate.prior
    value, error = _beyond_chance(estimate.weight, chance, n)
    is_wrong = table.label != estimate.labels[table.unit]
    return Measure(
        name="reliability",
        question=sheet.name,
        value=np.where(n > 0, value, np.nan),
        n=n,
        level=_relative(value, error, n, limits.reliability, limits),
        evidence=sheet.judgment[is_wrong],
        limit=limits.reliability,
    )


def _expected(table: AnswerTable, by_unit: Floats) -> Floats:
    """By rater, how often they would agree if answers had nothing to do with items."""
    size = table.raters * table.labels
    own = counted(table.rater * table.labels + table.label, size)
    own = normalized(own.reshape(table.raters, table.labels))
    others = np.stack(
        [
            counted(table.rater, table.raters, by_unit[table.unit, label])
            for label in range(table.labels)
        ],
        axis=1,
    ).reshape(table.raters, table.labels)
    return np.asarray((own * normalized(others)).sum(axis=1))


def _beyond_chance(observed: Floats, chance: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Each value freed from chance, with its standard error."""
    room = np.maximum(1 - chance, 1e-9)
    variance = np.maximum(observed * (1 - observed), SMALLEST_VARIANCE)
    return (observed - chance) / room, np.sqrt(variance / np.maximum(n, 1)) / room


def middle(value: Floats, n: Floats, least: int) -> float | None:
    """What the middle rater reaches of those with enough answers, if they are three or more."""
    enough = n >= least
    return float(np.median(value[enough])) if enough.sum() >= FEWEST else None


def _relative(value: Floats, error: Floats, n: Floats, part: float, limits: Limits) -> Floats:
    """Levels against a part of what the middle rater reaches; 0 for those with too few answers."""
    reached = middle(value, n, limits.least)
    if reached is None:
        return np.zeros(len(n))
    level = level_of(so_low(value, part * reached, error), limits.alpha)
    return np.where(n >= limits.least, level, 0.0)
