"""Signals from what is known: gold items, attention checks, and items that were asked twice."""

import numpy as np

from annotation.quality.chance import level_of, share_of, so_few
from annotation.quality.limits import Limits
from annotation.quality.sheets import CHECK, GOLD, NOT_EXPECTED, REPEAT, Measure, Sheet
from annotation.quality.table import Codes, Truths, counted


def gold(sheet: Sheet, limits: Limits) -> Measure:
    """How many gold items were answered as expected; those of practice left out."""
    return _right(sheet, GOLD, "gold", limits.gold, limits)


def checks(sheet: Sheet, limits: Limits) -> Measure:
    """How many attention checks were passed."""
    return _right(sheet, CHECK, "checks", limits.checks, limits)


def consistency(sheet: Sheet, limits: Limits) -> Measure:
    """How many repeats were answered as the same item was before."""
    again, earlier = repeats_of(sheet)
    label = sheet.table.label
    is_same = label[again] == label[earlier]
    behind = np.concatenate([again[~is_same], earlier[~is_same]])
    evidence = sheet.judgment[behind]
    return _counted(sheet, "consistency", again, is_same, evidence, limits.consistency, limits)


def repeats_of(sheet: Sheet) -> tuple[Codes, Codes]:
    """Positions of the answers to repeats, and of the same rater's first answers."""
    cells = sheet.table.rater * sheet.table.units + sheet.table.unit
    again = np.flatnonzero(sheet.purpose == REPEAT)
    before = np.flatnonzero(sheet.main())
    if not len(before):
        return again[:0], before
    before = before[np.argsort(cells[before], kind="stable")]
    places = np.searchsorted(cells[before], cells[again])
    found = before[np.minimum(places, len(before) - 1)]
    is_known = cells[found] == cells[again]
    return again[is_known], found[is_known]


def _right(sheet: Sheet, purpose: int, name: str, limit: float, limits: Limits) -> Measure:
    asked = np.flatnonzero((sheet.purpose == purpose) & (sheet.expected != NOT_EXPECTED))
    is_right = sheet.table.label[asked] == sheet.expected[asked]
    evidence = sheet.judgment[asked[~is_right]]
    return _counted(sheet, name, asked, is_right, evidence, limit, limits)


def _counted(
    sheet: Sheet,
    name: str,
    asked: Codes,
    is_good: Truths,
    evidence: Codes,
    limit: float,
    limits: Limits,
) -> Measure:
    raters = sheet.table.rater
    n = counted(raters[asked], sheet.table.raters)
    good = counted(raters[asked[is_good]], sheet.table.raters)
    return Measure(
        name=name,
        question=sheet.name,
        value=share_of(good, n),
        n=n,
        level=level_of(so_few(good, n, limit), limits.alpha),
        evidence=evidence,
        limit=limit,
    )
