"""An agreement document as lines of text: each figure with its interval."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]

OF_ALL = (("alpha", "alpha", "alpha_of"), ("fleiss_kappa", "Fleiss' kappa", "fleiss_of"))
"""Figures of all people, what they are called, and what says on how much they rest."""
OF_PAIRS = {"percent": "agree", "cohen_kappa": "kappa"}
OF_GROUPS = {"percent": "agree", "pooled_kappa": "kappa", "cohen_kappa": "mean of pairs' kappas"}
OF_RATERS = {"accuracy": "accuracy", "macro_f1": "macro F1", "over_selection": "over-selection",
             "mean_shift": "shift"}  # fmt: skip
OF_EXTRACTORS = {"precision": "precision", "recall": "recall", "f1": "F1"}
OF_MEANS = (
    "mean of pairs' kappas: where pairs share few items its interval lies too low and holds the "
    "truth in 90 of 100 planted data sets, not in 95"
)
"""As `python -m bench.coverage` found."""

MOST_NAMED = 12
"""Figures that are named for one reason why they do not exist."""


def lines_of(document: Row, *, has_pairs: bool = False) -> Iterator[str]:
    """One line per figure or row: the question first, single pairs last and if they are asked for,
    what is undefined at the end."""
    yield (
        f"{document['study']} · {document['stage']} · {document['question']} "
        f"({document['scale']}, {document['items']} items, "
        f"reference: {document['reference']}, unusable: {document['unusable']})"
    )
    yield from _of_all(document)
    yield from _rows(document)
    yield from _by_group(document.get("by"))
    yield from _pairs(document) if has_pairs else ()
    for reason, figures in _by_reason(document["undefined"]).items():
        yield f"undefined, as {reason}: {_named(figures)}"
    for reason, figures in _by_reason(document["no_interval"]).items():
        yield f"without an interval, as {reason}: {_named(figures)}"
    made = document["intervals"]
    kinds = [(kind, count) for kind, count in made["of"].items() if count]
    of = ", ".join(f"{count} {kind if count > 1 else kind.rstrip('s')}" for kind, count in kinds)
    if any(group["intervals"].get("cohen_kappa") for group in document["groups"]):
        yield OF_MEANS
    yield f"[…]: {made['level']:.0%}, {made['resamples']} resamples of {of or 'nothing'}"


def _of_all(document: Row) -> Iterator[str]:
    for key, name, of in OF_ALL:
        yield f"{name}: {_resting(document[of])}{_figure(document, key)}"


def _resting(of: Row | None) -> str:
    return f"{of['items']} items, {of['judgments']} judgments, " if of else ""


def _pairs(document: Row) -> Iterator[str]:
    for pair in document["pairs"]:
        yield f"{pair['a']} – {pair['b']}: n {pair['n']}, {_figures(pair, OF_PAIRS)}"


def _named(figures: list[str]) -> str:
    more = len(figures) - MOST_NAMED
    named = ", ".join(figures[:MOST_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _rows(document: Row) -> Iterator[str]:
    for group in document["groups"]:
        of = f"{group['pairs']} pairs, {_resting(group)}"
        yield f"{group['group']}: {of}{_figures(group, OF_GROUPS)}"
    for rater in document["raters"]:
        n = f"n {rater['n']}, {rater['compared']} held to a reference"
        yield f"{rater['rater']} ({rater['role']}): {n}, {_figures(rater, OF_RATERS)}"
    for row in document["effects"]:
        kind = "growth" if row["growth"] is not None else "favoured"
        n = f"{row['items']} items, {row['n']} judgments"
        yield f"{row['effect']} moves {row['of']}: {n}, {_figures(row, {kind: kind})}"
    for row in document["powered"]:
        what = " over ".join(row["of"]) or row["figure"]
        n = f"n {row['n']} ({row['judgments']} judgments) + {row['more']}"
        yield f"{what} with {row['judge']}: {n}, {_figures(row, POWERED)}"
    for row in document["authors"]:
        yield f"{row['author']}: n {row['n']}, {_figures(row, {'precision': 'confirmed'})}"
    for row in document.get("extractors", []):
        yield f"{row['author']}: {row['reference']} said, {_figures(row, OF_EXTRACTORS)}"


POWERED = {"value": "estimate", "people": "people alone"}


def _by_group(by: Row | None) -> Iterator[str]:
    for group in by["groups"] if by else []:
        name = f"{by['question']} = {group['group'] or 'not told'}" if by else ""
        of = f"{group['persons']} persons, {_resting(group['alpha_of'])}"
        yield f"{name}: {of}{_figures(group, {'alpha': 'alpha'})}"
        for row in group["groups"]:
            of = f"{row['pairs']} pairs, {_resting(row)}"
            yield f"{name}: {row['group']}: {of}{_figures(row, OF_GROUPS)}"


def _figures(row: Row, names: Mapping[str, str]) -> str:
    return ", ".join(f"{names[key]} {_figure(row, key)}" for key in names)


def _figure(row: Row, key: str) -> str:
    if row[key] is None:
        return "undefined"
    ends = row["intervals"].get(key)
    between = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
    return f"{row[key]:.3f}{between}"


def _by_reason(gaps: list[dict[str, str]]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for gap in gaps:
        reasons.setdefault(gap["reason"], []).append(gap["figure"])
    return reasons
