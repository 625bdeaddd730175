"""The judges' cards as a page shows them: one table per question, a judge to a column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotation.queries import asked_of_models
from studies.models import Study

Card = Mapping[str, Any]

CONSISTENCY = {
    ("orders", "consistency"): _("Same verdict in both orders"),
    ("orders", "flip_rate"): _("Another verdict in the other order"),
    ("orders", "to_first"): _("Both times for what stood first"),
    ("orders", "to_second"): _("Both times for what stood second"),
    ("samples", "confidence"): _("Share of the most frequent answer, over samples"),
    ("samples", "entropy"): _("Entropy of the samples, in bits"),
    ("samples", "agreement"): _("Two samples with the same answer"),
}
CALIBRATION = {
    ("calibration", "accuracy"): _("Most frequent answer is the people's"),
    ("calibration", "ece_width"): _("Calibration error, bins of equal width"),
    ("calibration", "ece_mass"): _("Calibration error, bins of equal size"),
    ("calibration", "brier"): _("Brier score, 0 to 2"),
}
LEANS = {
    "length": (_("Longer response"), _("growth per doubling of the length, people held fixed")),
    "mention": (_("Outright mention"), _("growth by a mention, people held fixed")),
    "own": (_("Its own model's answer"), _("growth for its own, people held fixed")),
    "position": (_("What stood first"), None),
}
SIDES = {
    "judge": _("favoured by the judge"),
    "people": _("favoured by people, same items"),
    "difference": _("judge less people"),
}
SHARES = {"consistency", "flip_rate", "to_first", "to_second", "confidence", "agreement"} | {
    "accuracy",
    "judge",
    "people",
}
"""Figures that are shares of a whole; the others are numbers."""
SIZE = 100
"""Of the reliability curve's square, in its own units."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of all judges."""

    title: str | Promise
    figures: list[Card]
    is_share: bool
    detail: str | Promise = ""

    @property
    def is_known(self) -> bool:
        """Does it exist for any of them?"""
        return any(row["value"] is not None for row in self.figures)


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together."""

    title: str | Promise
    lines: list[Line]

    @property
    def known(self) -> list[Line]:
        """Those that exist for any judge."""
        return [line for line in self.lines if line.is_known]


@dataclass(frozen=True, slots=True)
class Point:
    """A bin of a reliability curve as a dot, and as it stands in the table."""

    x: float
    y: float
    radius: float
    bin: Card


@dataclass(frozen=True, slots=True)
class Section:
    """One question: its judges, their figures and their curves."""

    key: str
    wording: str
    judges: list[Card]
    groups: list[Group]
    curves: list[tuple[Card, list[Point]]]
    reasons: list[tuple[str, str]] = field(default_factory=list)
    """A figure's name, and why it does not exist for a judge; each once."""


def question_choices(study: Study, stage: str) -> dict[str, str]:
    """The wording of each question that judges are asked and that can be measured, by its key."""
    language = study.languages[0]
    asked = asked_of_models(study, stage)
    return {question.key: question.worded("llm", language) for question in asked}


def sections_of(document: Mapping[str, Any]) -> list[Section]:
    """A section per question that any judge answered."""
    found = [_section(question, document["judges"]) for question in document["questions"]]
    return [section for section in found if section.judges]


def _section(question: Card, judges: Sequence[Card]) -> Section:
    cards = {
        at: card
        for at, judge in enumerate(judges)
        for card in judge["cards"]
        if card["question"] == question["question"]
    }
    answered = [judges[at] for at in cards]
    groups = list(_groups(list(cards.values())))
    return Section(
        key=question["question"],
        wording=question["wording"],
        judges=answered,
        groups=groups,
        curves=[
            (judges[at], points)
            for at, card in cards.items()
            if (points := _points(card["calibration"]["curve"]))
        ],
        reasons=_reasons(groups),
    )


def _groups(cards: Sequence[Card]) -> Iterator[Group]:
    yield Group(_("Does it say the same again?"), _lines(cards, CONSISTENCY))
    yield Group(_("Is it as often right as it is sure?"), _lines(cards, CALIBRATION))
    shift = _line(cards, ("bias", "shift"), _("Judge less people, in steps of the scale"))
    yield Group(_("What moves it more than people?"), [shift, *_leanings(cards)])


def _lines(cards: Sequence[Card], names: Mapping[tuple[str, str], Promise]) -> list[Line]:
    return [_line(cards, path, title) for path, title in names.items()]


def _leanings(cards: Sequence[Card]) -> Iterator[Line]:
    for name, (title, slope) in LEANS.items():
        for side, detail in SIDES.items():
            yield _line(cards, ("bias", name, side), title, detail)
        if slope:
            yield _line(cards, ("bias", name, "slope"), title, slope)


def _line(
    cards: Sequence[Card], path: Sequence[str], title: Promise, detail: str | Promise = ""
) -> Line:
    figures = []
    for card in cards:
        row: Any = card
        for name in path:
            row = row[name]
        figures.append(row)
    return Line(title, figures, path[-1] in SHARES, detail)


def _reasons(groups: Sequence[Group]) -> list[tuple[str, str]]:
    lines = [line for group in groups for line in group.lines]
    found = [
        (str(line.title), row["reason"])
        for line in lines
        for row in line.figures
        if "reason" in row
    ]
    return list(dict.fromkeys(found))


def _points(curve: Sequence[Card]) -> list[Point]:
    """Dots of an area that goes with the number of items."""
    most = max((each["n"] for each in curve), default=1)
    return [
        Point(
            x=round(each["confidence"] * SIZE, 1),
            y=round((1 - each["accuracy"]) * SIZE, 1),
            radius=round(1.5 + 3.5 * (each["n"] / most) ** 0.5, 1),
            bin=each,
        )
        for each in curve
    ]
