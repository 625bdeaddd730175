"""Two raters' answers crossed: how often which met which, and the units behind every cell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotation.agreement.answers import Answer, PolicyRefused, Question, label_of
from annotation.agreement.cells import tabulate
from annotation.agreement.collapsing import WRONG, Collapse, Policies, unique_best
from annotation.agreement.panel import Panel
from annotation.agreement.reference import CENTRES, NO_LABEL, Referee
from annotation.agreement.units import Facts

MIXED = "mixed"
"""What a rater is said to have answered who gave several answers of equal weight."""
REFERENCES = ("majority", "owner", *CENTRES)


@dataclass(frozen=True)
class Crossed:
    """The answers met, in the order of the scale, and the units of each pair of them."""

    one: str
    other: str
    labels: list[str]
    units: Mapping[tuple[str, str], list[str]]
    without: str = ""
    """The rater whose own answers are no part of the reference that they are beside."""

    def count(self, one: str, other: str) -> int:
        """How many units got these two answers."""
        return len(self.units.get((one, other), ()))

    @property
    def total(self) -> int:
        """How many units both answered."""
        return sum(len(each) for each in self.units.values())

    def chosen(self, one: str, other: str) -> list[tuple[str, str, str]]:
        """Units with both answers; an empty text stands for any, and without both the units on
        which they differ come first."""
        rows = [
            (unit, *pair)
            for pair, units in self.units.items()
            if one in ("", pair[0]) and other in ("", pair[1])
            for unit in units
        ]
        return sorted(rows, key=lambda row: (row[1] == row[2], row[0]))


def crossed(
    question: Question,
    answers: Iterable[Answer],
    one: str,
    other: str,
    policies: Policies,
    facts: Facts,
) -> Crossed:
    """Each of both is a rater as an agreement document names it, or majority or owner.

    Raises `PolicyRefused` with a sentence for a name that nobody has.
    """
    answers = list(answers)
    raw = Collapse(question, policies).cells(answers)
    # As in the figures: raters are looked at in what everything was to get, references count all.
    added = {(each.unit, each.rater) for each in answers if each.added}
    panel = Panel(question, tabulate(question, raw), facts, resamples=1)
    spreads: dict[str, dict[str, str]] = {name: {} for name in (one, other)}
    names = dict(zip(panel.cells.views, panel.names, strict=True))
    for (unit, view), cell in raw.items():
        if names[view] in spreads and cell.spread and (unit, view.rater) not in added:
            best = unique_best(cell.spread) or MIXED
            spreads[names[view]][unit] = "unusable" if best == WRONG else best
    without = ""
    for name, beside in ((one, other), (other, one)):
        if name in REFERENCES and name not in panel.names:
            spreads[name], without = _reference(panel, name, beside)
        elif name not in panel.names:
            raise PolicyRefused(f'No rater is named "{name}" among those who answered it.')
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for unit in sorted(set(spreads[one]) & set(spreads[other])):
        found[spreads[one][unit], spreads[other][unit]].append(unit)
    met = {label for pair in found for label in pair}
    order = dict.fromkeys([*map(label_of, question.values), *panel.cells.labels, *sorted(met)])
    return Crossed(one, other, [label for label in order if label in met], found, without)


def _reference(panel: Panel, who: str, beside: str) -> tuple[dict[str, str], str]:
    """The label of each unit, or its number between two, as figures hold raters to it; with the
    name of who stands beside it if their own answers were left out of it for that."""
    referee = Referee(panel.question, panel.cells, panel.names, who)
    views = zip(panel.cells.views, panel.names, strict=True)
    own = next((view.rater for view, name in views if name == beside), "")
    is_part = bool(own) and referee.asks(own)
    found = referee.reference(without=own if is_part else None)
    numbers = zip(panel.cells.units, found.labels.tolist(), found.numbers.tolist(), strict=True)
    labels = {
        unit: panel.cells.labels[code] if code >= 0 else f"{number:g}"
        for unit, code, number in numbers
        if code != NO_LABEL
    }
    return labels, beside if is_part else ""
