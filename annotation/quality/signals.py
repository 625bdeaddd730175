"""All signals about the raters of a study, and who of them is the most suspicious.

A signal is what was seen; a flag is a signal beyond its limit. Neither rejects anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from annotation.quality.behaviour import comprehension, idle, pasted, skips, too_fast
from annotation.quality.copying import copying
from annotation.quality.crowd import agreement, compared, estimated, reliability
from annotation.quality.estimate import Estimate
from annotation.quality.known_answers import checks, consistency, gold
from annotation.quality.limits import Limits
from annotation.quality.patterns import one_side, same_answer
from annotation.quality.sheets import Measure, Record, Sheet
from annotation.quality.table import Floats, Truths

NAMES = (
    "gold",
    "checks",
    "skips",
    "comprehension",
    "consistency",
    "too_fast",
    "idle",
    "same_answer",
    "pasted",
    "one_side",
    "agreement",
    "copying",
    "reliability",
)


@dataclass(frozen=True)
class Findings:
    """Every measure, one per signal and question, and what they add up to."""

    measures: tuple[Measure, ...]
    compared: dict[str, Sheet]
    """By sheet, the answers that raters are compared by."""
    estimates: dict[str, Estimate]
    """By sheet."""
    suspicion: Floats
    """By rater: the sum of the squares of their levels; 1 for one signal just at its limit."""

    @property
    def flagged(self) -> Truths:
        """By rater, whether any signal is beyond its limit."""
        return self.flags > 0

    @property
    def flags(self) -> Floats:
        """By rater, how many signals are."""
        return np.asarray(sum((level >= 1 for level in self.levels().values()), self.suspicion * 0))

    def levels(self) -> dict[str, Floats]:
        """By signal, each rater's highest level over all questions."""
        found: dict[str, Floats] = {}
        for measure in self.measures:
            known = found.get(measure.name)
            level = measure.level
            found[measure.name] = level if known is None else np.maximum(known, level)
        return found


def findings(record: Record, limits: Limits) -> Findings:
    """Look at everything; 12,000 judgments take well under a second."""
    sheets = {sheet.name: compared(sheet) for sheet in record.sheets}
    estimates: dict[str, Estimate] = {}
    measures = list(_of_behaviour(record, limits))
    # Several questions are several chances to be flagged for nothing.
    stricter = limits.model_copy(update={"alpha": limits.alpha / max(len(record.sheets), 1)})
    for sheet in record.sheets:
        own = sheets[sheet.name]
        estimates[sheet.name] = estimate = estimated(own)
        measures += [
            gold(sheet, stricter),
            checks(sheet, stricter),
            consistency(sheet.fair(), stricter),
            same_answer(sheet, stricter),
            agreement(own.fair(), stricter),
            copying(own, estimate, stricter),
            reliability(own, estimate, stricter),
        ]
        if sheet.side.any():
            measures.append(one_side(sheet, stricter))
    found = Findings(tuple(measures), sheets, estimates, np.zeros(record.raters))
    squares = [level**2 for level in found.levels().values()]
    return replace(found, suspicion=np.asarray(sum(squares, np.zeros(record.raters))))


def _of_behaviour(record: Record, limits: Limits) -> Iterator[Measure]:
    yield too_fast(record, limits)
    yield idle(record, limits)
    yield pasted(record, limits)
    yield comprehension(record, limits)
    yield skips(record, limits)
