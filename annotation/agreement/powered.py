"""Prediction-powered estimates: few answers of people with many of a judge.

Angelopoulos, Duchi & Zrnic (2023), PPI++: Efficient Prediction-Powered Inference. The mean answer
of people is the judge's mean over what it alone judged, plus the mean of what people say beyond the
judge where both did, the judge weighing λ; λ is tuned so that the variance is least. It holds if
what people judged is a fair sample of all, so answers asked for because others disagreed are no
part of it. Intervals are by person, with λ tuned anew in each resample.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from annotation.agreement.answers import label_of
from annotation.agreement.chance import Codes, Floats
from annotation.agreement.figures import Figure, Undefined
from annotation.agreement.panel import EVERYTHING, SHARE, Panel, Row
from annotation.agreement.resampled.draws import Terms, divided, point, terms_of, within
from annotation.agreement.units import facts_of

NO_BOTH = Undefined("fewer than two items were judged by the judge and by people")
NOTHING_MORE = Undefined("the judge judged nothing that people did not")
SIDES = {"first": 1.0, "second": 0.0, "none": 0.5}


@dataclass(frozen=True)
class Numbers:
    """The judge's number for each unit, and people's: nan where one of them has none."""

    kind: str
    judge: Floats
    people: Floats
    strategies: tuple[str, str] | None = None


def powered_terms(numbers: Numbers) -> Terms:
    """Of what both judged: 1, Y, F, YF, F²; of what the judge alone did: 1, F, F²."""
    both = np.flatnonzero(~np.isnan(numbers.judge) & ~np.isnan(numbers.people))
    alone = np.flatnonzero(~np.isnan(numbers.judge) & np.isnan(numbers.people))
    y, f, more = numbers.people[both], numbers.judge[both], numbers.judge[alone]
    of_both = (np.ones(len(both)), y, f, y * f, f * f)
    of_judge = (np.ones(len(alone)), more, more * more)
    parts: list[tuple[Codes, Codes, Codes | int, Floats]] = [
        (both, np.zeros(len(both), np.intp), at, each) for at, each in enumerate(of_both)
    ]
    parts += [
        (alone, np.zeros(len(alone), np.intp), 5 + at, each) for at, each in enumerate(of_judge)
    ]
    return terms_of(parts, 1, 8)


def powered_of(sums: Floats) -> Floats:
    """The estimate, the mean of people alone, and λ (from 0 to 1)."""
    n, y, f, yf, ff, more_n, more_f, more_ff = (sums[:, at] for at in range(8))
    shared = divided(yf, n) - divided(y, n) * divided(f, n)
    every = n + more_n
    mean = divided(f + more_f, every)
    spread = divided(ff + more_ff - every * mean * mean, every - 1)
    tuned = np.clip(divided(shared, (1 + divided(n, more_n)) * spread), 0.0, 1.0)
    tuned = np.where(np.isnan(tuned) & (more_n > 0), 0.0, tuned)
    people = divided(y, n)
    return np.stack([people + tuned * (divided(more_f, more_n) - divided(f, n)), people, tuned])


def powered_rows(panel: Panel) -> list[Row]:
    """A row per judge and figure: mean, share of yes, and preference between two strategies."""
    return [
        _row(panel, name, numbers)
        for code, (view, name) in enumerate(zip(panel.cells.views, panel.names, strict=True))
        if view.kind == "llm"
        for numbers in _figures(panel, code)
    ]


def _figures(panel: Panel, judge: int) -> Iterator[Numbers]:
    people = panel.base.of_kind("human")
    if panel.question.favours:
        yield from _preferences(panel, judge, people)
        return
    if panel.has_order:
        marks = panel.base.marks
        ours, theirs = (
            _means(panel, np.isin(marks.view, list(views)), marks.unit, marks.number)
            for views in ({judge}, people)
        )
        yield Numbers("mean", ours, theirs)
    if panel.question.positive:
        positive = {label_of(value) for value in panel.question.positive}
        yes = np.array([float(label in positive) for label in panel.cells.labels])
        ours, theirs = _of_labels(panel, judge, people, yes)
        yield Numbers("positive", ours, theirs)


def _preferences(panel: Panel, judge: int, people: set[int]) -> Iterator[Numbers]:
    """For each two strategies, in the order of their names: how far the first is preferred."""
    favours = {label_of(value): side for value, side in panel.question.favours.items()}
    first = np.array([SIDES[favours.get(label, "none")] for label in panel.cells.labels])
    ours, theirs = _of_labels(panel, judge, people, first)
    shown = [_strategies(panel, unit) for unit in panel.cells.units]
    met = {(min(each), max(each)) for each in shown if each and each[0] != each[1]}
    for one, other in sorted(met):
        sign = np.array([1.0 if each == (one, other) else -1.0 if each == (other, one) else np.nan
                         for each in shown])  # fmt: skip
        judged, given = 0.5 + sign * (ours - 0.5), 0.5 + sign * (theirs - 0.5)
        yield Numbers("preference", judged, given, strategies=(one, other))


def _strategies(panel: Panel, unit: str) -> tuple[str, str] | None:
    facts = facts_of(panel.facts, unit)
    if not facts.first or not facts.second:
        return None
    return facts.first.strategy, facts.second.strategy


def _of_labels(panel: Panel, judge: int, people: set[int], number: Floats) -> tuple[Floats, Floats]:
    """The mean number per unit of the judge's labels and of people's."""
    votes = panel.base.votes
    votes = votes.where(votes.label >= 0)
    judged, given = (
        _means(
            panel, np.isin(votes.view, list(views)), votes.unit, number[votes.label], votes.weight
        )
        for views in ({judge}, people)
    )
    return judged, given


def _means(
    panel: Panel, mine: "np.ndarray[tuple[int], np.dtype[np.bool_]]", unit: Codes, number: Floats,
    weight: Floats | None = None,
) -> Floats:  # fmt: skip
    """Per unit; nan where nobody of them answered."""
    size = len(panel.cells.units)
    weights = np.ones(len(unit)) if weight is None else weight
    total = np.bincount(unit[mine], weights=weights[mine], minlength=size).astype(np.float64)
    sums = np.bincount(unit[mine], weights=(weights * number)[mine], minlength=size)
    return divided(sums.astype(np.float64), total)


def _judgments(panel: Panel, numbers: Numbers) -> int:
    """How many of people stand behind what both judged."""
    votes = panel.base.votes
    both = ~np.isnan(numbers.judge) & ~np.isnan(numbers.people)
    people = np.isin(votes.view, list(panel.base.of_kind("human"))) & (votes.label >= 0)
    kept = votes.where(people & both[votes.unit])
    return len(np.unique(kept.unit * len(panel.base.views) + kept.view))


def _row(panel: Panel, judge: str, numbers: Numbers) -> Row:
    terms = powered_terms(numbers)
    counts = np.bincount(terms.term, minlength=8)
    n, more = int(counts[0]), int(counts[5])
    value, people, tuned = point(terms, powered_of)[:, 0].tolist()
    ends = EVERYTHING if numbers.kind == "mean" else SHARE
    figure: Figure = (
        NO_BOTH if n < 2 else NOTHING_MORE if not more else min(max(value, ends[0]), ends[1])
    )
    row: Row = {
        "judge": judge,
        "figure": numbers.kind,
        "of": list(numbers.strategies or ()),
        "n": n,
        "judgments": _judgments(panel, numbers),
        "more": more,
        "value": panel.gaps.number(f"prediction-powered {numbers.kind}", figure, of=judge),
        "people": people if n else None,
    }
    row["weight"] = None if row["value"] is None else tuned
    found = panel.draws.intervals(terms, powered_of)
    named = {"value": within(found[0][0], *ends), "people": within(found[1][0], *ends)}
    of = f"the prediction-powered {numbers.kind} of {judge}"
    return row | {"intervals": panel.intervals(row, named, of=of)}
