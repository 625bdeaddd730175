"""The agreement document: every figure of one question of one stage, as `agreement --json` prints.

Raters, reference and the way revisions, orders and samples were collapsed are named in it; a
figure that does not exist is null and listed under `undefined` with its reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np

from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.agreement.authors import author_rows
from annotation.agreement.cells import WRONG_CODE, Cells, Votes, tabulate
from annotation.agreement.chance import NO_TWO_ANSWERS, ONE_VALUE, Codes, Floats, alpha_of_answers
from annotation.agreement.collapsing import (
    Collapse,
    Orders,
    Policies,
    RaterView,
    Samples,
    Unusable,
)
from annotation.agreement.effects import effect_rows
from annotation.agreement.figures import Figure, Undefined, value_of
from annotation.agreement.groups import group_rows
from annotation.agreement.panel import Gaps, Panel, Row
from annotation.agreement.powered import powered_rows
from annotation.agreement.raters import NO_LABELS, cells_by_view, hold, raters_figures
from annotation.agreement.reference import BETWEEN, Referee, Reference
from annotation.agreement.repeats import (
    Again,
    Raw,
    orders_again,
    repeats_again,
    self_consistency,
)
from annotation.agreement.resampled.chance import alpha_interval, fleiss_of, fleiss_terms
from annotation.agreement.resampled.draws import RESAMPLES, Interval, point
from annotation.agreement.resampled.raters import Held
from annotation.agreement.resting import met
from annotation.agreement.rows import pair_rows, rater_rows
from annotation.agreement.units import Facts

NOBODY: Facts = {}


@dataclass(frozen=True)
class Given:
    """The answers to one question, as they were given and collapsed."""

    collapse: Collapse
    answers: list[Answer]
    repeats: list[Answer]

    @cached_property
    def raw(self) -> Raw:
        """One cell per unit and rater."""
        return self.collapse.cells(self.answers)

    @cached_property
    def repeated(self) -> Raw:
        """The same of what was asked once more."""
        return self.collapse.cells(self.repeats)

    @property
    def added(self) -> set[tuple[str, str]]:
        """Units and raters of what was asked for because other answers disagreed."""
        return {
            (answer.unit, answer.rater)
            for answer in self.answers
            if answer.added and not (answer.usable and answer.value is None)
        }


def agreement_document(
    *,
    study: str,
    stage: str,
    question: Question,
    answers: Iterable[Answer],
    reference: str = "majority",
    unusable: Unusable = "drop",
    orders: Orders = "average",
    samples: Samples = "majority",
    facts: Facts = NOBODY,
    repeats: Iterable[Answer] = (),
    resamples: int = RESAMPLES,
) -> Row:
    """All figures of one question, ready for JSON.

    `reference` is majority, owner, mean, median or the name of a rater. Raises `PolicyRefused`
    with a sentence for an unknown choice, or one that the question cannot carry; never for data.
    Alpha and the majority are of people alone. `no_reference` counts items without a reference,
    `added_answers` those that count for references and not for agreement.
    `facts` tell whom units are about, which the intervals go by; about nobody if they are unknown.
    `repeats` are answers to what was asked of the same rater once more.
    """
    _refuse_unknown(unusable, orders, samples)
    collapse = Collapse(question, Policies(unusable, orders, samples))
    given = Given(collapse, list(answers), list(repeats))
    cells = tabulate(question, given.raw)
    panel = Panel(question, cells, facts, resamples, given.added)
    found = _figures(panel, given, Referee(question, panel.cells, panel.names, reference))
    return {
        "study": study,
        "stage": stage,
        "question": question.key,
        "scale": question.scale,
        "unusable": unusable,
        "reference": reference,
        "collapsed": {"revisions": "latest", "orders": orders, "samples": samples},
    } | found


def _refuse_unknown(unusable: str, orders: str, samples: str) -> None:
    for option, chosen, known in (
        ("unusable", unusable, get_args(Unusable)),
        ("orders", orders, get_args(Orders)),
        ("samples", samples, get_args(Samples)),
    ):
        if chosen not in known:
            raise PolicyRefused(f'{option} is one of {", ".join(known)}, not "{chosen}".')


def _figures(panel: Panel, given: Given, referee: Referee) -> Row:
    """The document from `items` on."""
    whole = referee.reference()
    again = repeats_again(panel, given.raw, given.repeated)
    return {
        "items": len(panel.cells.units),
        "no_reference": int((~whole.exists).sum()),
        "alpha": panel.gaps.number("alpha", _alpha(panel)),
        "labels": _labels(panel.cells, whole, panel.gaps),
        "added_answers": len(panel.cells.votes.unit) - len(panel.base.votes.unit),
        **_beyond_chance(panel),
        "raters": _raters(panel, given.raw, _held(panel, referee, whole), again),
        "pairs": pair_rows(panel),
        "groups": group_rows(panel),
        "self_consistency": self_consistency(panel, again),
        "effects": effect_rows(panel, given.collapse, given.answers),
        "powered": powered_rows(panel),
        "authors": author_rows(panel, whole),
        "undefined": panel.gaps.rows,
        "no_interval": panel.open_ended.rows,
    }


def _held(panel: Panel, referee: Referee, whole: Reference) -> list[Held]:
    """References are taken one at a time, as each is as long as the question has units."""
    return [
        hold(panel.base, code, _fair(referee, whole, view))
        for code, view in enumerate(panel.cells.views)
    ]


def _raters(panel: Panel, raw: Raw, held: Sequence[Held], again: Again) -> list[Row]:
    by_view = cells_by_view(raw)
    own = [by_view[view] for view in panel.cells.views]
    figures = raters_figures(panel.question, panel.base, own, held)
    return rater_rows(panel, figures, held, orders_again(panel, raw), again)


def _fair(referee: Referee, whole: Reference, view: RaterView) -> Reference:
    """The reference without the rater's own part in it."""
    return referee.reference(without=view.rater) if referee.asks(view.rater) else whole


def _beyond_chance(panel: Panel) -> Row:
    """Fleiss' kappa of the people, what it and alpha rest on, and the intervals of both."""
    alpha = _alpha(panel)
    fleiss, facts, interval = _fleiss(panel)
    row = {"alpha": value_of(alpha), "fleiss_kappa": panel.gaps.number("fleiss_kappa", fleiss)}
    found = {"alpha": _alpha_interval(panel), "fleiss_kappa": interval}
    return {
        "alpha_of": met(_peoples_numbers(panel)[0]),
        "fleiss_kappa": row["fleiss_kappa"],
        "fleiss_of": facts,
        "intervals": panel.described() | panel.intervals(row, found, of=""),
    }


def _people(panel: Panel) -> Votes:
    """The people's labels; a person's undecided nominal answer is missing."""
    votes, people = panel.base.votes, list(panel.cells.of_kind("human"))
    sure = (votes.label != WRONG_CODE) & (votes.weight > 1 - 1e-9)
    return votes.where(sure & np.isin(votes.view, people))


def _peoples_numbers(panel: Panel) -> tuple[Codes, Floats]:
    if not panel.has_order:
        votes = _people(panel)
        return votes.unit, votes.label.astype(np.float64)
    marks = panel.base.marks
    mine = np.isin(marks.view, list(panel.cells.of_kind("human")))
    return marks.unit[mine], marks.number[mine]


def _alpha(panel: Panel) -> Figure:
    """Krippendorff's alpha of the people at the question's scale."""
    return alpha_of_answers(*_peoples_numbers(panel), panel.question.scale)


def _alpha_interval(panel: Panel) -> Interval:
    return alpha_interval(panel.draws, *_peoples_numbers(panel), panel.question.scale)


def _fleiss(panel: Panel) -> tuple[Figure, Row | None, Interval]:
    """Fleiss' kappa over the items with the most frequent number of people's answers (two or
    more), since it needs one number for all; with how many these are."""
    nothing = Undefined(NO_TWO_ANSWERS)
    if not panel.has_labels:
        return NO_LABELS, None, NO_LABELS
    votes = _people(panel)
    sizes = np.bincount(votes.unit, minlength=len(panel.cells.units))
    counts = np.bincount(sizes)
    if len(counts) < 3:
        return nothing, None, nothing
    size = 2 + int(counts[2:].argmax())
    kept = votes.where(sizes[votes.unit] == size)
    terms = fleiss_terms(kept.unit, kept.label, len(panel.cells.labels), size)
    value = float(point(terms, fleiss_of)[0, 0])
    left_out = int((sizes > 0).sum() - counts[size])
    items = int(counts[size])
    facts = {"answers": size, "items": items, "judgments": size * items, "left_out": left_out}
    if np.isnan(value):
        return Undefined(ONE_VALUE), facts, Undefined(ONE_VALUE)
    return value, facts, panel.draws.intervals(terms, fleiss_of)[0][0]


def _labels(cells: Cells, reference: Reference, gaps: Gaps) -> dict[str, int]:
    """How many items have each label as their reference, in the order of the scale."""
    between = int((reference.labels == BETWEEN).sum())
    if between:
        gaps.number("labels", Undefined(f"{between} references lie between two labels"))
    counts = np.bincount(reference.labels[reference.labels >= 0], minlength=len(cells.labels))
    return {label: n for label, n in zip(cells.labels, counts.tolist(), strict=True) if n}
