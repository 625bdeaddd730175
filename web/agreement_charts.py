"""The figures of an agreement document as charts: each a table, drawn and downloadable."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.agreement.answers import LEAST_SHARED
from web.templatetags.stages import group_title, role_title

Row = Mapping[str, Any]

MOST_BARS = 20
"""Rows that a chart draws: all models, then the people with the most answers; its table and CSV
have all of them."""
GROUPS = ("owner-peer", "expert-peer", "peer-peer", "human-llm", "llm-llm")
EFFECTS = {
    "length": gettext_lazy("longer"),
    "mention": gettext_lazy("outright mention"),
    "position": gettext_lazy("stood first"),
}
POWERED = {
    "mean": gettext_lazy("mean answer"),
    "positive": gettext_lazy("share of yes"),
    "preference": gettext_lazy("preference"),
}


@dataclass(frozen=True, slots=True)
class Rests:
    """What a figure rests on."""

    n: int
    """Items; of several pairs those of the pair that shares the fewest."""
    most: int | None = None
    """Of several pairs those of the pair that shares the most."""
    judgments: int | None = None
    more: int | None = None
    """Items that a judge alone answered."""

    def __str__(self) -> str:
        if self.judgments is not None:
            return _("n %(items)d, %(judgments)d judgments") % {
                "items": self.n, "judgments": self.judgments,
            }  # fmt: skip
        if self.more is not None:
            return f"n {self.n} + {self.more}"
        return f"n {self.n}" if self.most in (None, self.n) else f"n {self.n}–{self.most}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its interval, what it rests on, and the raters behind it."""

    label: str
    value: float | None
    interval: tuple[float, float] | None
    n: Rests | None
    reason: str = ""
    is_model: bool = False
    pair: tuple[str, str] | None = None

    @property
    def low(self) -> float | None:
        """The interval's lower end."""
        return self.interval[0] if self.interval else None

    @property
    def high(self) -> float | None:
        """The interval's upper end."""
        return self.interval[1] if self.interval else None

    @property
    def query(self) -> str:
        """Of the address that shows the items behind it."""
        return urlencode({"a": self.pair[0], "b": self.pair[1]}) if self.pair else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures of one kind, on one axis."""

    key: str
    title: str | Promise
    note: str | Promise
    bars: list[Bar]
    is_share: bool = False
    mark: float | None = None
    """Where nothing is to be seen: no shift, no lean."""

    @property
    def is_drawn(self) -> bool:
        """Is there anything to draw?"""
        return bool(self.known)

    @property
    def known(self) -> int:
        """How many rows have a figure."""
        return sum(bar.value is not None for bar in self.bars)

    @property
    def drawn(self) -> int:
        """How many of them are drawn."""
        return min(self.known, MOST_BARS)


def charts_of(document: Row) -> list[Chart]:
    """The charts that the document has figures for, in the page's order."""
    found = [*_beyond_chance(document), *_raters(document), *_leanings(document), *_made(document)]
    return [chart for chart in found if chart.bars]


def _beyond_chance(document: Row) -> Iterator[Chart]:
    groups = [row for name in GROUPS for row in document["groups"] if row["group"] == name]
    whole = [
        _bar(document, document, key, title, "", _resting(document[of]))
        for key, of, title in (("alpha", "alpha_of", _("Krippendorff's alpha, all people")),
                               ("fleiss_kappa", "fleiss_of", _("Fleiss' kappa, all people")))
    ]  # fmt: skip
    kappas = [_group_bar(document, row, "pooled_kappa") for row in groups]
    yield Chart("kappa", _("Agreement beyond chance"), _(
        "1 is full agreement, 0 what chance gives. Of pairs: Cohen's kappa of all their answers."
    ), [*whole, *kappas], mark=0.0)  # fmt: skip
    means = [_group_bar(document, row, "cohen_kappa") for row in groups]
    if any(bar.value is not None for bar in means):
        shared = _("Over the pairs that share %d items or more.") % LEAST_SHARED
        often = _("Where pairs share few items, such an interval lies too low and holds the truth "
                  "in 90 of 100 planted data sets, not in 95.")  # fmt: skip
        note = f"{shared} {often}"
        yield Chart("mean_kappa", _("Kappa of pairs, mean"), note, means, mark=0.0)
    percents = [_group_bar(document, row, "percent") for row in groups]
    note = _("Share of items, mean over the pairs.")
    yield Chart("percent", _("Same answer"), note, percents, is_share=True)


def _group_bar(document: Row, row: Row, key: str) -> Bar:
    pairs = row["kappa_pairs"] if key == "cohen_kappa" else row["pairs"]
    label = f"{group_title(row['group'])} ({pairs})"
    of = f" of the group {row['group']}"
    n = _resting(row) if key == "pooled_kappa" else _shared(row)
    return _bar(document, row, key, label, of, n)


def _resting(of: Row | None) -> Rests | None:
    """The items and judgments that a figure rests on."""
    return Rests(of["items"], judgments=of["judgments"]) if of else None


def _answered(row: Row) -> Rests:
    """The same of a row whose `n` are judgments."""
    return Rests(row["items"], judgments=row["n"])


def _shared(row: Row) -> Rests:
    """How many items the two of a pair both judged."""
    return Rests(row["shared"]["least"], row["shared"]["most"])


def _raters(document: Row) -> Iterator[Chart]:
    rows, reference = _ordered(document), document["reference"]
    for key, title, note, is_share, mark in (
        ("accuracy", _("Same answer as the reference"), _("Share of the rater's answers."), True,
         None),
        ("f1", _("Finding what is relevant"), _("F1 of “yes” against the reference."), False, None),
        ("over_selection", _("Over-selection"),
         _("How many times as often “yes” as the reference says it; 1 is as often."), False, 1.0),
        ("mean_shift", _("Shift"),
         _("Steps of the scale above the reference; above 0 the rater is more generous."), False,
         0.0),
    ):  # fmt: skip
        bars = [
            _bar(document, row, key, row["rater"], f" of {row['rater']}", Rests(row["compared"]),
                 is_model=row["role"] == "llm", pair=(reference, row["rater"]))
            for row in rows
        ]  # fmt: skip
        if any(bar.value is not None for bar in bars):
            yield Chart(key, title, note, bars, is_share=is_share, mark=mark)


def _ordered(document: Row) -> list[Row]:
    """Its raters as charts show them: all models, then the people with the most answers."""
    return sorted(document["raters"], key=lambda row: (row["role"] != "llm", -row["n"]))


def _leanings(document: Row) -> Iterator[Chart]:
    rows = document["effects"]
    for key, note, is_share, mark in (
        ("favoured", _("Share of answers for the side that has more of it; half is no lean."),
         True, 0.5),
        ("growth", _("Steps more per doubling of the length, or for a mention."), False, 0.0),
    ):  # fmt: skip
        bars = [
            _bar(document, row, key, f"{role_title(row['of'])}: {EFFECTS[row['effect']]}",
                 f"{row['effect']} effect of {row['of']}", _answered(row))
            for row in rows if row[key] is not None
        ]  # fmt: skip
        yield Chart(key, _("What answers lean to"), note, bars, is_share=is_share, mark=mark)
    again = document["self_consistency"]
    bars = [_bar(document, again, "value", _("All people"), "", _answered(again))]
    bars += [
        Bar(row["rater"], row[key]["same"] / row[key]["of"], _ends(row, key), Rests(row[key]["of"]),
            is_model=row["role"] == "llm")
        for row in _ordered(document) for key in ("self_consistent", "order_consistent")
        if row[key] and row[key]["of"]
    ]  # fmt: skip
    if any(bar.value is not None for bar in bars):
        yield Chart("again", _("The same again"), _(
            "People: asked a second time, unmarked. Models: the responses the other way round."
        ), bars, is_share=True)  # fmt: skip


def _made(document: Row) -> Iterator[Chart]:
    for kind in ("mean", "positive", "preference"):
        rows = [row for row in document["powered"] if row["figure"] == kind]
        title = _("Few people with many of a judge: %s") % POWERED[kind]
        yield Chart(f"powered_{kind}", title, _powered_note(kind),
                    list(_powered(document, rows)), is_share=kind != "mean",
                    mark=0.5 if kind == "preference" else None)  # fmt: skip
    precision = [
        _bar(document, row, "precision", row["author"], f"precision of {row['author']}",
             Rests(row["n"]), is_model=True)
        for row in document["authors"]
    ]  # fmt: skip
    yield Chart("confirmed", _("Statements that the reference confirms"),
                _("Share of what each author proposed."), precision, is_share=True)  # fmt: skip
    recall = [
        Bar(f"{row['author']}: {key}", row[key], _ends(row, key), Rests(row["reference"]),
            row.get("reason", ""), is_model=True)
        for row in document.get("extractors", []) for key in ("recall", "precision")
    ]  # fmt: skip
    yield Chart("extractors", _("What extractors found"), _(
        "Of what owners wrote, confirmed or said is missing, by shared words."
    ), recall, is_share=True)  # fmt: skip


def _powered_note(kind: str) -> str:
    if kind == "preference":
        return _("How far the first strategy is preferred to the second; half is no difference.")
    return _("People's %s, with a judge's answers to what people did not judge.") % POWERED[kind]


def _powered(document: Row, rows: Iterable[Row]) -> Iterator[Bar]:
    alone = set()
    for row in rows:
        if row["value"] is None:
            continue
        name = " / ".join(row["of"]) or str(POWERED.get(row["figure"], row["figure"]))
        of = f"prediction-powered {row['figure']} of {row['judge']}"
        with_judge = f"{name}: {_('people with')} {row['judge']}"
        n = Rests(row["n"], more=row["more"])
        yield _bar(document, row, "value", with_judge, of, n, is_model=True)
        if (name, row["n"]) not in alone:
            alone.add((name, row["n"]))
            label = f"{name}: {_('people alone')}"
            resting = Rests(row["n"], judgments=row["judgments"])
            yield _bar(document, row, "people", label, of, resting)


def _bar(
    document: Row, row: Row, key: str, label: str, of: str, n: Rests | None, *,
    is_model: bool = False, pair: tuple[str, str] | None = None,
) -> Bar:  # fmt: skip
    value = row[key]
    reason = "" if value is not None else _reason(document, key, of)
    return Bar(label, value, _ends(row, key), n, reason, is_model, pair)


def _ends(row: Row, key: str) -> tuple[float, float] | None:
    ends = row["intervals"].get(key)
    return (ends[0], ends[1]) if ends else None


def _reason(document: Row, key: str, of: str) -> str:
    reasons = {gap["figure"]: gap["reason"] for gap in document["undefined"]}
    return str(reasons.get(key + of) or reasons.get(of) or reasons.get(key, ""))
