"""Signals from the pattern of answers: one answer again and again, one side again and again."""

import numpy as np

from annotation.quality.chance import level_of, share_of, so_many
from annotation.quality.limits import Limits
from annotation.quality.sheets import Measure, Sheet
from annotation.quality.table import Codes, Floats, counted

MOST_SHARE = 0.99


def same_answer(sheet: Sheet, limits: Limits) -> Measure:
    """How much more often than others on the same items somebody gives one answer, or in a row.

    Answers count as they were shown. What others give is raised by the limit before comparing.
    """
    main = np.flatnonzero(sheet.main())
    rater, shown = sheet.table.rater[main], sheet.shown[main]
    raters, labels = sheet.table.raters, sheet.table.labels
    counts = counted(rater * labels + shown, raters * labels).reshape(raters, labels)
    n, usual = counts.sum(axis=1), counts.argmax(axis=1)
    most = counts.max(axis=1, initial=0)
    expected = np.minimum(_others_share(sheet, main, usual) + limits.same, MOST_SHARE)
    begin, length = longest_runs(rater, shown, raters)
    in_a_row = np.minimum((n - length + 1) * expected**length, 1.0)
    chance = np.minimum(2 * np.minimum(so_many(most, n, expected), in_a_row), 1.0)
    return Measure(
        name="same_answer",
        question=sheet.name,
        value=share_of(most, n),
        n=n,
        level=np.where(n >= limits.least, level_of(chance, limits.alpha), 0.0),
        evidence=sheet.judgment[main[_run_members(rater, begin, length)]],
        limit=limits.same,
    )


def one_side(sheet: Sheet, limits: Limits) -> Measure:
    """How often the side shown first, or the other, wins where one of them does."""
    sided = np.flatnonzero(sheet.main() & (sheet.side != 0))
    rater, raters = sheet.table.rater[sided], sheet.table.raters
    is_first = sheet.side[sided] == 1
    n, first = counted(rater, raters), counted(rater[is_first], raters)
    favoured = np.where(first * 2 >= n, 1, -1)
    most = np.maximum(first, n - first)
    chance = np.minimum(2 * so_many(most, n, limits.side), 1.0)
    return Measure(
        name="one_side",
        question=sheet.name,
        value=share_of(first, n),
        n=n,
        level=np.where(n >= limits.least, level_of(chance, limits.alpha), 0.0),
        evidence=sheet.judgment[sided[sheet.side[sided] == favoured[rater]]],
        limit=limits.side,
    )


def longest_runs(rater: Codes, shown: Codes, raters: int) -> tuple[Codes, Floats]:
    """By rater, where their longest run of one answer begins among their own, and its length."""
    order = np.argsort(rater, kind="stable")
    who, what = rater[order], shown[order]
    begin, length = np.zeros(raters, dtype=np.int64), np.zeros(raters)
    if not len(order):
        return begin, length
    is_new = np.concatenate([[True], (who[1:] != who[:-1]) | (what[1:] != what[:-1])])
    starts = np.flatnonzero(is_new)
    lengths = np.diff(np.append(starts, len(order))).astype(np.float64)
    np.maximum.at(length, who[starts], lengths)
    is_longest = lengths == length[who[starts]]
    # Of several runs of that length the last one is named.
    begin[who[starts[is_longest]]] = starts[is_longest]
    return begin, length


def _run_members(rater: Codes, begin: Codes, length: Floats) -> Codes:
    """Positions of the answers of everybody's longest run."""
    order = np.argsort(rater, kind="stable")
    places = np.arange(len(order))
    who = rater[order]
    is_member = (places >= begin[who]) & (places < begin[who] + length[who])
    return order[is_member]


def _others_share(sheet: Sheet, main: Codes, usual: Codes) -> Floats:
    """By rater, how often others give the rater's usual answer to the items the rater answered."""
    table, shown = sheet.table, sheet.shown[main]
    unit, rater = table.unit[main], table.rater[main]
    by_unit = counted(unit * table.labels + shown, table.units * table.labels)
    by_unit = by_unit.reshape(table.units, table.labels)
    wanted = usual[rater]
    others = by_unit.sum(axis=1)[unit] - 1
    same = by_unit[unit, wanted] - (shown == wanted)
    everywhere = by_unit.sum(axis=0) / max(by_unit.sum(), 1)
    asked = counted(rater, table.raters, others)
    given = counted(rater, table.raters, same)
    return np.asarray(np.where(asked > 0, given / np.maximum(asked, 1), everywhere[usual]))
