"""Do raters say the same again: asked once more, and with the responses the other way round?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from annotation.agreement.collapsing import Cell, RaterView
from annotation.agreement.figures import Undefined
from annotation.agreement.panel import Panel, Row
from annotation.agreement.resampled.draws import Interval
from annotation.agreement.resampled.raters import shares

Raw: TypeAlias = Mapping[tuple[str, RaterView], Cell]
NEVER_AGAIN = "no item was asked of the same person a second time"


@dataclass(frozen=True)
class Again:
    """Entry i: how far rater view `view[i]` said the same of unit `unit[i]`, from 0 to 1."""

    unit: Sequence[int]
    view: Sequence[int]
    same: Sequence[float]

    def counts(self, view: int) -> tuple[float, int]:
        """How often the same, and of how many."""
        mine = [same for code, same in zip(self.view, self.same, strict=True) if code == view]
        return sum(mine), len(mine)

    def intervals(self, panel: Panel) -> list[Interval]:
        """Of each rater view's share."""
        unit, view = np.array(self.unit, np.intp), np.array(self.view, np.intp)
        return shares(panel.draws, unit, view, np.array(self.same, float), len(panel.cells.views))


def orders_again(panel: Panel, raw: Raw) -> Again:
    """The verdicts in both orders."""
    return _again(
        panel, ((key, float(cell.sides[0] == cell.sides[1])) for key, cell in raw.items()
                if cell.sides is not None)
    )  # fmt: skip


def repeats_again(panel: Panel, raw: Raw, repeated: Raw) -> Again:
    """The answers to what was asked once more, unmarked, beside those given first.

    Not where the first was asked for because others disagreed: it is harder to answer alike.
    """
    found = _repeated(raw, repeated)
    fair = ((key, same) for key, same in found if (key[0], key[1].rater) not in panel.added)
    return _again(panel, fair)


def _repeated(raw: Raw, repeated: Raw) -> Iterator[tuple[tuple[str, RaterView], float]]:
    for key, cell in repeated.items():
        before = raw[key].spread if key in raw else {}
        if before and cell.spread:
            yield key, sum(before.get(label, 0) * weight for label, weight in cell.spread.items())


def _again(panel: Panel, found: Iterator[tuple[tuple[str, RaterView], float]]) -> Again:
    units = {unit: code for code, unit in enumerate(panel.cells.units)}
    views = {view: code for code, view in enumerate(panel.cells.views)}
    rows = [(units[unit], views[view], same) for (unit, view), same in found]
    return Again([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def self_consistency(panel: Panel, again: Again) -> Row:
    """Over all people: the share of repeated items that they answered alike."""
    people = panel.cells.of_kind("human")
    kept = [at for at, view in enumerate(again.view) if view in people]
    same = np.array([again.same[at] for at in kept], float)
    if not kept:
        panel.gaps.number("self_consistent", Undefined(NEVER_AGAIN))
        return {"n": 0, "items": 0, "value": None, "intervals": {}}
    unit = np.array([again.unit[at] for at in kept], np.intp)
    row: Row = {"n": len(kept), "items": len(np.unique(unit)), "value": float(same.mean())}
    found = shares(panel.draws, unit, np.zeros(len(unit), np.intp), same, 1)[0]
    return row | {"intervals": panel.intervals(row, {"value": found}, of="self-consistency")}
