"""What raters are compared with: the people's majority, the owner, a mean, a median or a rater."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from annotation.agreement.answers import PolicyRefused, Question
from annotation.agreement.cells import WRONG_CODE, Cells
from annotation.agreement.chance import Codes, Floats

NO_LABEL = -2
BETWEEN = -3
CENTRES: dict[str, Callable[[Sequence[float]], float]] = {"mean": fmean, "median": median}


@dataclass(frozen=True)
class Reference:
    """One label and one number for each unit.

    Label -2: the unit has no reference. Label -3: it has a number only, between two labels (a
    mean). The number is nan where there is no reference.
    """

    labels: Codes
    numbers: Floats

    @property
    def exists(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        return np.asarray(self.labels != NO_LABEL)


class Referee:
    """Builds references from one question's cells.

    `majority`: the answer that more people gave than any other (judges and aggregates never
    vote; each person has one vote). With a tie of votes, or none, the unit has no reference.
    `owner`: the same among those who answered as owner. `mean` and `median`: of the people's
    numbers, ranks for an ordinal scale. Anything else names a rater of any kind, optionally
    with the arm as the document shows it.
    """

    def __init__(self, question: Question, cells: Cells, names: Sequence[str], who: str) -> None:
        self._cells = cells
        self._centre = CENTRES.get(who)
        self._voters = _voters(cells, names, who)
        if self._centre is not None and question.scale == "nominal":
            raise PolicyRefused(f"A nominal question has no {who}; choose another reference.")
        self._votes = self._count(self._voters)
        self._numbers = self._listed() if self._centre is not None else {}

    def asks(self, rater: str) -> bool:
        """Whether answers of this rater are part of the reference."""
        return any(self._cells.views[code].rater == rater for code in self._voters)

    def reference(self, without: str | None = None) -> Reference:
        """The reference, built without the answers of one rater if a name is given."""
        own = {code for code in self._voters if self._cells.views[code].rater == without}
        if self._centre is not None:
            return self._central(self._centre, own)
        return self._most(self._votes - self._count(own) if own else self._votes)

    def _count(self, views: set[int]) -> Floats:
        """Votes by unit and label."""
        votes = self._cells.votes
        chosen = votes.where(np.isin(votes.view, list(views)) & (votes.label != WRONG_CODE))
        counts = np.zeros((len(self._cells.units), len(self._cells.labels)))
        np.add.at(counts, (chosen.unit, chosen.label), chosen.weight)
        return counts

    def _most(self, counts: Floats) -> Reference:
        if not counts.size:
            return _without(len(self._cells.units))
        most = counts.max(axis=1)
        alone = (counts > most[:, None] - 1e-9).sum(axis=1) == 1
        decided = alone & (most > 1e-9)
        best = counts.argmax(axis=1)
        return Reference(
            np.where(decided, best, NO_LABEL), np.where(decided, self._cells.numbers[best], np.nan)
        )

    def _listed(self) -> dict[int, list[tuple[int, float]]]:
        """The voters' numbers by unit, each with its rater view."""
        marks = self._cells.marks
        listed: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for unit, view, number in zip(
            marks.unit.tolist(), marks.view.tolist(), marks.number.tolist(), strict=True
        ):
            if view in self._voters:
                listed[unit].append((view, number))
        return listed

    def _central(self, centre: Callable[[Sequence[float]], float], own: set[int]) -> Reference:
        reference = _without(len(self._cells.units))
        codes = {number: code for code, number in enumerate(self._cells.numbers.tolist())}
        for unit, listed in self._numbers.items():
            numbers = [number for view, number in listed if view not in own]
            if numbers:
                reference.numbers[unit] = centre(numbers)
                reference.labels[unit] = codes.get(centre(numbers), BETWEEN)
        return reference


def _voters(cells: Cells, names: Sequence[str], who: str) -> set[int]:
    """The rater views whose answers make the reference."""
    people = cells.of_kind("human")
    if who == "majority" or who in CENTRES:
        return people
    if who == "owner":
        return {code for code in people if cells.views[code].role == "owner"}
    named = {code for code, view in enumerate(cells.views) if who in (view.rater, names[code])}
    if not named:
        raise PolicyRefused(f'No rater is named "{who}" among those who answered this question.')
    return named


def _without(units: int) -> Reference:
    return Reference(np.full(units, NO_LABEL, dtype=np.intp), np.full(units, np.nan))
