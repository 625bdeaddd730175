"""The collapsed answers of one question as arrays: units, raters, labels, weights and numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from annotation.agreement.answers import Question, RaterKind, Role, label_of
from annotation.agreement.chance import Codes, Floats
from annotation.agreement.collapsing import WRONG, Cell, RaterView

ROLES = get_args(Role)
WRONG_CODE = -1


@dataclass(frozen=True)
class Votes:
    """Entry i: rater view `view[i]` gives unit `unit[i]` the label `label[i]` with `weight[i]`.

    A rater who was asked several times about a unit has several entries whose weights sum to one
    at most. Label -1 is an answer that counts as wrong.
    """

    unit: Codes
    view: Codes
    label: Codes
    weight: Floats

    def where(self, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Votes":
        return Votes(self.unit[mask], self.view[mask], self.label[mask], self.weight[mask])


@dataclass(frozen=True)
class Marks:
    """Entry i: the number that rater view `view[i]` gives unit `unit[i]`, at most one of each.

    Ordinal labels count as their rank, from 0; of several answers it is the weighted mean.
    """

    unit: Codes
    view: Codes
    number: Floats

    def where(self, mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Marks":
        return Marks(self.unit[mask], self.view[mask], self.number[mask])


@dataclass(frozen=True)
class Cells:
    """Every cell of one question; codes index `units`, `views` and `labels`.

    `labels` is in the order of the scale and holds every label on it, and for an interval scale
    every number that occurs; `numbers[code]` is a label's number (its code for nominal data).
    """

    units: list[str]
    views: list[RaterView]
    labels: list[str]
    numbers: Floats
    votes: Votes
    marks: Marks

    def of_kind(self, kind: RaterKind) -> set[int]:
        """The codes of the rater views of one kind."""
        return {code for code, view in enumerate(self.views) if view.kind == kind}

    def without(self, given: Collection[tuple[str, str]]) -> "Cells":
        """The same less these answers, each by its unit and rater."""
        if not given:
            return self
        units = {unit: code for code, unit in enumerate(self.units)}
        theirs = {
            units[unit] * len(self.views) + code
            for unit, rater in given
            for code, view in enumerate(self.views)
            if view.rater == rater and unit in units
        }
        out = np.array(sorted(theirs), np.intp)
        votes = self.votes.where(~np.isin(self._places(self.votes), out))
        return replace(
            self, votes=votes, marks=self.marks.where(~np.isin(self._places(self.marks), out))
        )

    def _places(self, rows: Votes | Marks) -> Codes:
        return np.asarray(rows.unit * len(self.views) + rows.view, np.intp)


def _people_first(view: RaterView) -> tuple[int, str, str]:
    """Owners, peers, experts, then models and aggregates; each by name."""
    return (ROLES.index(view.role), view.rater, view.arm)


def tabulate(question: Question, cells: Mapping[tuple[str, RaterView], Cell]) -> Cells:
    """Arrays from the collapsed answers, sorted so that equal data gives equal figures."""
    units = {unit: code for code, unit in enumerate(sorted({unit for unit, _ in cells}))}
    found = sorted({view for _, view in cells}, key=_people_first)
    views = {view: code for code, view in enumerate(found)}
    labels, numbers = _scale(question, cells)
    codes = {label: code for code, label in enumerate(labels)} | {WRONG: WRONG_CODE}
    entries = [
        (units[unit], views[view], codes[label], weight)
        for (unit, view), cell in cells.items()
        for label, weight in cell.spread.items()
    ]
    unit, view, label = np.array([row[:3] for row in entries], np.intp).reshape(-1, 3).T
    votes = Votes(unit, view, label, np.array([row[3] for row in entries], np.float64))
    return Cells(list(units), list(views), labels, numbers, votes, _marks(votes, numbers))


def _scale(
    question: Question, cells: Mapping[tuple[str, RaterView], Cell]
) -> tuple[list[str], Floats]:
    """The labels in order and their numbers."""
    if question.scale != "interval":
        labels = list(dict.fromkeys(label_of(value) for value in question.values))
        return labels, np.arange(len(labels), dtype=np.float64)
    given = {label for cell in cells.values() for label in cell.spread} - {WRONG}
    labels = sorted(given, key=float)
    return labels, np.array([float(label) for label in labels], np.float64)


def _marks(votes: Votes, numbers: Floats) -> Marks:
    """The weighted mean number of each unit and view, from the answers that have a label."""
    sums: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    labelled = votes.where(votes.label != WRONG_CODE)
    rows = zip(
        labelled.unit.tolist(),
        labelled.view.tolist(),
        numbers[labelled.label].tolist(),
        labelled.weight.tolist(),
        strict=True,
    )
    for unit, view, number, weight in rows:
        cell = sums[unit, view]
        cell[0] += number * weight
        cell[1] += weight
    keys = np.array(list(sums), np.intp).reshape(-1, 2).T
    return Marks(keys[0], keys[1], np.array([total / w for total, w in sums.values()], np.float64))
