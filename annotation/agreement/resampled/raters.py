"""The figures of raters held to a reference, in each resample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.agreement.chance import Codes, Floats
from annotation.agreement.figures import Figure, Undefined
from annotation.agreement.resampled.correlations import (
    Couples,
    pearson_intervals,
    spearman_intervals,
)
from annotation.agreement.resampled.draws import (
    Draws,
    Interval,
    Statistic,
    Terms,
    divided,
    point,
    terms_of,
)

KINDS = (
    "positive_rate",
    "accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f1",
    "over_selection",
    "precision",
    "recall",
    "f1",
)
OF_POSITIVE = ("over_selection", "precision", "recall", "f1")
NO_POSITIVES = {
    "over_selection": "the reference selects nothing",
    "precision": "the rater never says yes where there is a reference",
    "recall": "the reference selects nothing",
    "f1": "neither the rater nor the reference selects anything",
}
NOTHING_COMPARED = "there is no answer to compare with the reference"
ANSWERS, COMPARED, SAID, SO = 0, 2, 4, 5
RESTS_ON = ((ANSWERS,), *[(COMPARED,)] * 4, (SO,), (SAID,), (SO,), (SAID, SO))
"""Of each kind the terms without which it does not exist: what one person has no interval for."""
BEFORE = 7
"""Terms before those of the labels: answers, positive answers, then of those held to a reference
their weight, right ones, positive ones, those whose reference is positive, and both."""


@dataclass(frozen=True)
class Held:
    """A rater's answers: unit, label's code, weight, and the reference's label (below 0: none).

    `shift_*` are the units where both have a number, with both numbers.
    """

    unit: Codes
    label: Codes
    weight: Floats
    truth: Codes
    shift_unit: Codes
    given: Floats
    right: Floats


def held_terms(held: Sequence[Held], positive: Codes, labels: int) -> Terms:
    """Of each rater the sums that `figures_of` needs; `positive` are the codes of "yes"."""
    parts: list[tuple[Codes, Codes, Codes | int, Floats]] = []
    for number, each in enumerate(held):
        parts += _terms_of_one(number, each, positive, labels)
    return terms_of(parts, len(held), BEFORE + 3 * labels)


def _terms_of_one(
    number: int, held: Held, positive: Codes, labels: int
) -> list[tuple[Codes, Codes, Codes | int, Floats]]:
    """Labels' terms are three: references, answers, both."""
    figure = np.full(len(held.unit), number, np.intp)
    labelled, compared = held.label >= 0, held.truth >= 0
    yes, so = np.isin(held.label, positive), np.isin(held.truth, positive)
    same = compared & (held.label == held.truth)
    masks = (labelled, labelled & yes, compared, same, compared & yes, compared & so)
    sums = [*masks, compared & yes & so]
    parts: list[tuple[Codes, Codes, Codes | int, Floats]] = [
        (held.unit, figure, at, held.weight * mask) for at, mask in enumerate(sums)
    ]
    places = (
        (compared, BEFORE + held.truth),
        (compared & labelled, BEFORE + labels + held.label),
        (same, BEFORE + 2 * labels + held.label),
    )
    for mask, place in places:
        parts.append((held.unit[mask], figure[mask], place[mask], held.weight[mask]))
    return parts


def figures_of(labels: int) -> Statistic:
    """`KINDS` from the sums of `held_terms`.

    A macro figure is the plain mean over the labels that the references of the resample have;
    precision does not exist where one of them was never answered.
    """

    def statistic(sums: Floats) -> Floats:
        answers, yes, compared, same, said, so, both = (sums[:, at] for at in range(BEFORE))
        truth, given, hits = (
            sums[:, BEFORE + at * labels : BEFORE + (at + 1) * labels] for at in range(3)
        )
        found = [divided(yes, answers), divided(same, compared), *_macro(truth, given, hits)]
        found += [divided(said, so), divided(both, said), divided(both, so)]
        return np.stack([*found, divided(2 * both, said + so)])

    return statistic


def _macro(truth: Floats, given: Floats, hits: Floats) -> list[Floats]:
    present = truth > 1e-12
    count = present.sum(axis=1)
    shares = (divided(hits, given), divided(hits, truth), divided(2 * hits, truth + given))
    return [divided(np.where(present, share, 0).sum(axis=1), count) for share in shares]


def positive_figures(held: Sequence[Held], positive: Codes, labels: int) -> list[dict[str, Figure]]:
    """How each rater's "yes" meets the reference's: over-selection, precision, recall, F1."""
    terms = held_terms(held, positive, labels)
    found = dict(zip(KINDS, point(terms, figures_of(labels)), strict=True))
    compared = np.bincount(
        terms.figure, weights=terms.value * (terms.term == COMPARED), minlength=len(held)
    )
    return [
        {name: _or_reason(name, float(found[name][at]), bool(compared[at])) for name in OF_POSITIVE}
        for at in range(len(held))
    ]


def _or_reason(name: str, value: float, is_compared: bool) -> Figure:
    if not np.isnan(value):
        return value
    return Undefined(NO_POSITIVES[name] if is_compared else NOTHING_COMPARED)


def rater_intervals(
    draws: Draws, held: Sequence[Held], positive: Codes, labels: int, *, has_order: bool
) -> list[dict[str, Interval]]:
    """By rater and name, the intervals; a figure that the data do not have has one without use."""
    found = draws.intervals(held_terms(held, positive, labels), figures_of(labels), RESTS_ON)
    named = dict(zip(KINDS, found, strict=True)) if found else {}
    if has_order:
        couples = _couples(held)
        named["spearman"] = spearman_intervals(draws, couples)
        named["pearson"] = pearson_intervals(draws, couples)
        named["mean_shift"] = _shift_intervals(draws, couples)
    return [{name: rows[at] for name, rows in named.items()} for at in range(len(held))]


def _couples(held: Sequence[Held]) -> Couples:
    sizes = [len(each.shift_unit) for each in held]
    none: Floats = np.zeros(0)
    return Couples(
        np.concatenate([np.zeros(0, np.intp), *(each.shift_unit for each in held)]),
        np.repeat(np.arange(len(held)), sizes),
        np.concatenate([none, *(each.right for each in held)]),
        np.concatenate([none, *(each.given for each in held)]),
        len(held),
    )


def _shift_intervals(draws: Draws, couples: Couples) -> list[Interval]:
    return shares(draws, couples.unit, couples.figure, couples.y - couples.x, couples.figures)


def shares(draws: Draws, unit: Codes, figure: Codes, value: Floats, figures: int) -> list[Interval]:
    """The interval of each figure's plain mean of its values."""
    parts = [(unit, figure, 0, value), (unit, figure, 1, np.ones(len(value)))]
    terms = terms_of(parts, figures, 2)
    found = draws.intervals(terms, lambda sums: divided(sums[:, 0], sums[:, 1])[None])
    return found[0] if found else []
