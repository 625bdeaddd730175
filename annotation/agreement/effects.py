"""What answers lean to whoever gives them: the longer, the outright mention, what stands first.

For a comparison `favoured` is the share of answers for the side with more of the property, an
answer for neither counting half; .5 is no lean. Who was asked several times, in both orders or for
samples, has given one answer, each time a part of it: whoever favours another side in each order
counts half. Of what stands first every verdict counts, and none for neither.

For one response alone `growth` is how much the answer grows with the property, by least squares:
steps per doubling of the length, or steps for a mention. Every answer counts one, but those that
were asked for because others disagreed. Whether what was said is also better is not looked at here:
the judges' cards, which count alike, compare models with people on the same items.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log2, nan
from typing import Literal, TypeAlias

import numpy as np

from annotation.agreement.answers import Answer, label_of
from annotation.agreement.chance import Codes, Floats
from annotation.agreement.collapsing import Collapse, RaterView, latest
from annotation.agreement.figures import Figure, Undefined
from annotation.agreement.panel import Panel, Row
from annotation.agreement.resampled.draws import Statistic, divided, point, terms_of
from annotation.agreement.units import ResponseFacts, facts_of

Effect: TypeAlias = Literal["length", "mention", "position"]
Amount: TypeAlias = Callable[[ResponseFacts], float | None]

NUMBERS = {"first": 1.0, "second": 0.0, "none": 0.5}
NO_DIFFERENCE = Undefined("no answer is about responses that differ in it")
ONE_ORDER = Undefined("the responses were always shown in their stored order")
NO_SIDE = Undefined("no answer is for one of the two")
NO_SPREAD = Undefined("the responses do not differ in it, or there are fewer than three answers")


def doublings(response: ResponseFacts) -> float | None:
    """The length on a scale of doublings."""
    return log2(max(response.length, 1))


def mentions(response: ResponseFacts) -> float | None:
    """1 if it says anything outright that its generator was given, None if nobody looked."""
    return None if response.mentions is None else float(response.mentions)


AMOUNTS: Mapping[Effect, Amount] = {"length": doublings, "mention": mentions}


@dataclass(frozen=True)
class _Given:
    """Entry i: a number answered to unit `unit[i]`, and how much of a property that has."""

    unit: Codes
    number: Floats
    amount: Floats

    def where(self, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "_Given":
        return _Given(self.unit[mask], self.number[mask], self.amount[mask])


def effect_rows(panel: Panel, collapse: Collapse, answers: Sequence[Answer]) -> list[Row]:
    """Per role of people and per judge: a row for each effect that the question can have."""
    if not any(facts_of(panel.facts, unit).first for unit in panel.cells.units):
        return []
    groups = _groups(panel)
    rows = [
        _row(panel, effect, who, _given(panel, views, amount))
        for effect, amount in AMOUNTS.items()
        for who, views in groups.items()
    ]
    if not panel.question.favours:
        return rows
    shown = _shown_first(panel, collapse, answers)
    return rows + [_position_row(panel, who, shown, views) for who, views in groups.items()]


def _groups(panel: Panel) -> dict[str, set[int]]:
    """People by role, each judge by its name; codes of rater views.

    Who was only asked because others disagreed is in none.
    """
    groups: dict[str, set[int]] = defaultdict(set)
    beside = set(panel.cells.votes.view.tolist()) - set(panel.base.votes.view.tolist())
    for code, (view, name) in enumerate(zip(panel.cells.views, panel.names, strict=True)):
        if view.kind != "aggregate" and code not in beside:
            groups[view.role if view.kind == "human" else name].add(code)
    return groups


def _given(panel: Panel, views: set[int], amount: Amount) -> _Given:
    amounts = np.array([_amount(panel, unit, amount) for unit in panel.cells.units], float)
    unit, number = _numbers(panel, views)
    kept = ~np.isnan(amounts[unit])
    return _Given(unit[kept], number[kept], amounts[unit][kept])


def _numbers(panel: Panel, views: set[int]) -> tuple[Codes, Floats]:
    """Sides as 1, 0 and one half; other answers as their number: one of each rater and unit."""
    if not panel.question.favours:
        marks = panel.base.marks
        mine = np.isin(marks.view, list(views)) & panel.has_order
        return marks.unit[mine], marks.number[mine]
    sides = {label_of(value): NUMBERS[side] for value, side in panel.question.favours.items()}
    of_label = np.array([sides.get(label, np.nan) for label in panel.cells.labels])
    every = panel.base.votes
    votes = every.where(np.isin(every.view, list(views)) & (every.label >= 0))
    places, cell = np.unique(votes.unit * len(panel.cells.views) + votes.view, return_inverse=True)
    weight = np.bincount(cell, votes.weight)
    number = np.bincount(cell, votes.weight * of_label[votes.label]) / weight
    return np.asarray(places // len(panel.cells.views), np.intp), number


def _amount(panel: Panel, unit: str, amount: Amount) -> float:
    """Of a comparison the first's less the second's, of a single response its own; nan: unknown."""
    facts = facts_of(panel.facts, unit)
    first = amount(facts.first) if facts.first else None
    if first is None or not panel.question.favours:
        return np.nan if first is None else first
    second = amount(facts.second) if facts.second else None
    return np.nan if second is None else first - second


def _row(panel: Panel, effect: Effect, who: str, given: _Given) -> Row:
    if not panel.question.favours:
        return _growth_row(panel, effect, who, given)
    differing = given.where(given.amount != 0)
    values = np.where(differing.amount > 0, differing.number, 1 - differing.number)
    return _share_row(panel, effect, who, differing.unit, values, NO_DIFFERENCE)


def _share_row(
    panel: Panel, effect: Effect, who: str, unit: Codes, values: Floats, none: Undefined
) -> Row:
    zero = np.zeros(len(unit), np.intp)
    parts = [(unit, zero, 0, values), (unit, zero, 1, np.ones(len(unit)))]

    def share(sums: Floats) -> Floats:
        return divided(sums[:, 0], sums[:, 1])[None]

    figure: Figure = float(values.mean()) if len(values) else none
    terms = terms_of(parts, 1, 2)
    return _written(panel, effect, who, "favoured", figure, unit, terms, share)


def _growth_row(panel: Panel, effect: Effect, who: str, given: _Given) -> Row:
    """The slope of the number on the amount."""
    x, y = given.amount, given.number
    middle = x.mean() if len(x) else 0.0
    x = x - middle
    zero = np.zeros(len(x), np.intp)
    sums = (np.ones(len(x)), x, y, x * x, x * y)
    terms = terms_of([(given.unit, zero, at, each) for at, each in enumerate(sums)], 1, 5)
    known = len(x) > 2 and np.ptp(x) > 0
    figure: Figure = float(point(terms, _slope)[0, 0]) if known else NO_SPREAD
    return _written(panel, effect, who, "growth", figure, given.unit, terms, _slope)


def _slope(sums: Floats) -> Floats:
    n, x, y, xx, xy = (sums[:, at] for at in range(5))
    return divided(n * xy - x * y, n * xx - x * x)[None]


def _written(
    panel: Panel, effect: Effect, who: str, kind: str, figure: Figure, unit: Codes, terms: object,
    statistic: Statistic,
) -> Row:  # fmt: skip
    row: Row = {"of": who, "effect": effect, "n": len(unit), "items": len(np.unique(unit))}
    row |= {"favoured": None, "growth": None}
    row[kind] = panel.gaps.number(f"{effect} effect", figure, of=who)
    if row[kind] is None:
        return row | {"intervals": {}}
    [[found]] = panel.draws.intervals(terms, statistic)  # type: ignore[arg-type]
    return row | {"intervals": panel.intervals(row, {kind: found}, of=f"{effect} of {who}")}


def _position_row(panel: Panel, who: str, shown: "_Shown", views: set[int]) -> Row:
    mine = [at for at, view in enumerate(shown.view) if view in views]
    if any(panel.cells.views[view].kind == "llm" for view in views):
        mine = _in_both_orders(shown, mine)
    orders = {shown.swapped[at] for at in mine}
    none = ONE_ORDER if len(orders) < 2 else NO_SIDE
    kept = [at for at in mine if len(orders) == 2 and not isnan(shown.first[at])]
    unit = np.array([shown.unit[at] for at in kept], np.intp)
    values = np.array([shown.first[at] for at in kept], float)
    return _share_row(panel, "position", who, unit, values, none)


def _in_both_orders(shown: "_Shown", mine: list[int]) -> list[int]:
    """Those about units that the judge answered in both orders; all, where there are none."""
    ways: dict[tuple[int, int], set[bool]] = defaultdict(set)
    for at in mine:
        ways[shown.unit[at], shown.view[at]].add(shown.swapped[at])
    return [at for at in mine if len(ways[shown.unit[at], shown.view[at]]) == 2] or mine


@dataclass(frozen=True)
class _Shown:
    """Entry i: an answer; `first` is 1 if it is for what stood first, 0 for the other, else nan."""

    unit: Sequence[int]
    view: Sequence[int]
    swapped: Sequence[bool]
    first: Sequence[float]


def _shown_first(panel: Panel, collapse: Collapse, answers: Sequence[Answer]) -> _Shown:
    sides = {label_of(value): NUMBERS[side] for value, side in panel.question.favours.items()}
    units = {unit: code for code, unit in enumerate(panel.cells.units)}
    views = {view: code for code, view in enumerate(panel.cells.views)}
    rows = [
        (units[each.unit], views[RaterView(each.rater, each.arm, each.role, each.kind)],
         each.swapped, nan if side == 0.5 else abs(side - each.swapped))
        for each in latest(answers)
        if not each.added and (side := sides.get(collapse.counted(each) or "")) is not None
    ]  # fmt: skip
    return _Shown(*([row[at] for row in rows] for at in range(4)))  # type: ignore[arg-type]
