"""What the rows of an agreement document are written from, and the gaps met while writing."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any, TypeAlias, get_args

import numpy as np

from annotation.agreement.answers import Question
from annotation.agreement.cells import Cells
from annotation.agreement.chance import Codes
from annotation.agreement.collapsing import RaterView
from annotation.agreement.figures import NO_ORDER, NO_POSITIVE, Figure, Undefined
from annotation.agreement.pairs import OPEN_SCALE
from annotation.agreement.raters import NO_LABELS
from annotation.agreement.resampled.draws import LEVEL, METHOD, SEED, Draws, Interval, within
from annotation.agreement.units import Drawn, Facts, facts_of

Row: TypeAlias = dict[str, Any]

EVERYTHING, SHARE, CORRELATION = (-inf, inf), (0.0, 1.0), (-1.0, 1.0)
RANGES = {
    "alpha": (-inf, 1.0),
    **dict.fromkeys(("fleiss_kappa", "cohen_kappa", "pooled_kappa"), CORRELATION),
    **dict.fromkeys(("spearman", "pearson"), CORRELATION),
    **dict.fromkeys(("percent", "positive_rate", "accuracy", "precision", "recall", "f1"), SHARE),
    **dict.fromkeys(("macro_precision", "macro_recall", "macro_f1"), SHARE),
    **dict.fromkeys(("order_consistent", "self_consistent", "favoured"), SHARE),
}
"""From where to where a figure can be; one that is not named can be anything."""
OF_THE_QUESTION = (NO_ORDER, NO_POSITIVE, NO_LABELS, OPEN_SCALE)


class Gaps:
    """The undefined figures met while a document is written, in order, each once."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], None] = {}

    @property
    def rows(self) -> list[dict[str, str]]:
        return [{"figure": figure, "reason": reason} for figure, reason in self._rows]

    def number(self, figure: str, value: Figure, of: str = "") -> float | None:
        """The number, or None after noting why there is none.

        What the question itself rules out is noted once and not for each rater.
        """
        if not isinstance(value, Undefined):
            return value
        name = f"{figure} of {of}" if of and value not in OF_THE_QUESTION else figure
        self._rows[name, value.reason] = None
        return None

    def bounds(self, figure: str, interval: Interval, of: str = "") -> list[float] | None:
        """Both ends, or None after noting why there are none."""
        if not isinstance(interval, Undefined):
            return [*interval]
        self._rows[f"{figure} of {of}" if of else figure, interval.reason] = None
        return None


@dataclass
class Panel:
    """One question's cells, the people they are about, and what could not be told of them."""

    question: Question
    cells: Cells
    facts: Facts
    resamples: int
    added: Collection[tuple[str, str]] = ()
    """Units and raters of the answers that were asked for because others disagreed."""
    gaps: Gaps = field(default_factory=Gaps)
    open_ended: Gaps = field(default_factory=Gaps)
    """Figures without an interval."""

    @cached_property
    def base(self) -> Cells:
        """The cells that every item was to have: what agreement is told from.

        Items that get more answers because theirs disagree would count too often.
        """
        return self.cells.without(self.added)

    @cached_property
    def added_of(self) -> Counter[str]:
        """How many of those answers each rater gave."""
        return Counter(rater for _unit, rater in self.added)

    @cached_property
    def draws(self) -> Draws:
        """Resamples of the persons whom the units are about."""
        return Draws(clusters_of(self.facts, self.cells.units), self.resamples)

    @cached_property
    def names(self) -> list[str]:
        """What each rater view is called: the rater, with the arm where a rater has several."""
        arms: dict[str, set[str]] = {}
        for view in self.cells.views:
            arms.setdefault(view.rater, set()).add(view.arm)
        return [
            view.rater if len(arms[view.rater]) == 1 else f"{view.rater} ({view.arm})"
            for view in self.cells.views
        ]

    @property
    def has_order(self) -> bool:
        """Do its answers have ranks or numbers?"""
        return self.question.scale != "nominal"

    @property
    def has_labels(self) -> bool:
        """Are there answers to choose from, so that chance can be told?"""
        return self.question.scale != "interval" or bool(self.question.values)

    def numbers(self, figures: Mapping[str, Figure], of: str) -> Row:
        """Each figure as JSON."""
        return {name: self.gaps.number(name, figure, of=of) for name, figure in figures.items()}

    def intervals(self, row: Row, found: Mapping[str, Interval], of: str) -> Row:
        """The intervals of those figures of a row that exist; None is one that does not."""
        return {
            name: self.open_ended.bounds(
                name, within(interval, *RANGES.get(name, EVERYTHING)), of=of
            )
            for name, interval in found.items()
            if row.get(name) is not None
        }

    def described(self) -> Row:
        """How intervals are made, and of what."""
        about = self.draws.size
        return {
            "method": METHOD,
            "level": LEVEL,
            "resamples": self.resamples,
            "seed": SEED,
            "clusters": about,
            "of": self._drawn(),
        }

    def _drawn(self) -> dict[str, int]:
        """How many persons are drawn, how many requests and items about nobody."""
        about = [facts_of(self.facts, unit) for unit in self.cells.units]
        kinds = Counter({each.person: each.drawn for each in about}.values())
        return {kind: kinds[kind] for kind in get_args(Drawn)}

    def codes(self, kept: Callable[[RaterView], bool], named: Mapping[str, int]) -> Codes:
        """The rater that each view counts as; -1 for those that are not kept."""
        views = zip(self.cells.views, self.names, strict=True)
        return np.array([named[name] if kept(view) else -1 for view, name in views], np.intp)


def clusters_of(facts: Facts, units: Sequence[str]) -> Codes:
    """The number of the person whom each unit is about; what is about nobody is its own."""
    numbers: dict[str, int] = {}
    persons = [facts_of(facts, unit).person for unit in units]
    return np.array([numbers.setdefault(each, len(numbers)) for each in persons], dtype=np.intp)
