"""Signals from how somebody worked: pace, absence, pasted text, what they passed on."""

import numpy as np

from annotation.quality.chance import HIGHEST, level_of, share_of, so_many
from annotation.quality.limits import Limits
from annotation.quality.sheets import Measure, Record, Skipping, nowhere
from annotation.quality.table import Floats, counted

FEWEST_WORDS = 20
"""Of less one cannot say how fast it was read."""
FEWEST_PASTED = 20
"""Characters; a word may be pasted by anybody."""


def too_fast(record: Record, limits: Limits) -> Measure:
    """How many judgments took less time than reading does at the fastest."""
    visits = record.visits
    timed = np.flatnonzero((visits.words >= FEWEST_WORDS) & np.isfinite(visits.seconds))
    is_fast = visits.seconds[timed] < visits.words[timed] / limits.words_per_second
    n = counted(visits.rater[timed], record.raters)
    fast = counted(visits.rater[timed[is_fast]], record.raters)
    return Measure(
        name="too_fast",
        question="",
        value=share_of(fast, n),
        n=n,
        level=level_of(so_many(fast, n, limits.fast), limits.alpha),
        evidence=timed[is_fast],
        limit=limits.fast,
    )


def idle(record: Record, limits: Limits) -> Measure:
    """What part of the time their pages were open they gave no sign."""
    visits = record.visits
    timed = np.flatnonzero(np.isfinite(visits.idle) & np.isfinite(visits.seconds))
    raters = visits.rater[timed]
    n = counted(raters, record.raters)
    away = counted(raters, record.raters, visits.idle[timed])
    there = counted(raters, record.raters, visits.seconds[timed])
    share = share_of(away, away + there)
    is_long = visits.idle[timed] > visits.seconds[timed]
    return Measure(
        name="idle",
        question="",
        value=share,
        n=n,
        level=_proportion(np.where(n >= limits.least, share, 0.0), limits.idle),
        evidence=timed[is_long],
        limit=limits.idle,
    )


def pasted(record: Record, limits: Limits) -> Measure:
    """How many judgments hold text that was not typed."""
    visits = record.visits
    n = counted(visits.rater[np.isfinite(visits.pasted)], record.raters)
    found = np.flatnonzero(np.nan_to_num(visits.pasted) >= FEWEST_PASTED)
    count = counted(visits.rater[found], record.raters)
    return Measure(
        name="pasted",
        question="",
        value=np.where(n > 0, count, np.nan),
        n=n,
        level=_proportion(count, limits.pasted),
        evidence=found,
        limit=limits.pasted,
    )


def comprehension(record: Record, limits: Limits) -> Measure:
    """How often they tried the comprehension check; the first attempt tells nothing."""
    more = np.nan_to_num(record.attempts, nan=1.0) - 1
    return Measure(
        name="comprehension",
        question="",
        value=record.attempts,
        n=np.nan_to_num(record.attempts),
        level=_proportion(more, limits.comprehension - 1),
        evidence=nowhere(),
        limit=limits.comprehension,
    )


def skips(record: Record, limits: Limits) -> Measure:
    """What part of gold items and checks they passed on.

    Expected is the limit, or as large a part as of their other tasks: who skips everywhere does not
    do so because something is known.
    """
    seen = record.skipping or Skipping(*np.zeros((4, record.raters)))
    usual = np.maximum(np.nan_to_num(share_of(seen.main, seen.of_main)), limits.skips)
    return Measure(
        name="skips",
        question="",
        value=share_of(seen.known, seen.of_known),
        n=seen.of_known,
        level=level_of(so_many(seen.known, seen.of_known, usual), limits.alpha),
        evidence=nowhere(),
        limit=limits.skips,
    )


def _proportion(value: Floats, limit: float) -> Floats:
    return np.asarray(np.clip(np.nan_to_num(value) / limit, 0.0, HIGHEST))
