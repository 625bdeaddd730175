"""The raters', pairs' and groups' rows of an agreement document, with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np

from annotation.agreement.chance import Codes
from annotation.agreement.collapsing import RaterView
from annotation.agreement.figures import Undefined
from annotation.agreement.pairs import Pair, pairs_of
from annotation.agreement.panel import Panel, Row
from annotation.agreement.raters import RaterFigures, positive_codes
from annotation.agreement.repeats import Again
from annotation.agreement.resampled.draws import Interval
from annotation.agreement.resampled.pairs import (
    drawn_pairs,
    mean_intervals,
    most_shared,
    pair_intervals,
)
from annotation.agreement.resampled.raters import Held, rater_intervals

Group: TypeAlias = Literal["peer-peer", "owner-peer", "expert-peer", "human-llm", "llm-llm"]

TOO_MANY = Undefined("intervals of single pairs are made for some hundreds of them")


def rater_rows(
    panel: Panel, figures: Sequence[RaterFigures], held: Sequence[Held], orders: Again, again: Again
) -> list[Row]:
    """One row per rater view; `orders` and `again` are what they said twice."""
    positive, labels = positive_codes(panel.question, panel.cells), len(panel.cells.labels)
    found = rater_intervals(panel.draws, held, positive, labels, has_order=panel.has_order)
    twice = {"order_consistent": orders, "self_consistent": again}
    for name, said in twice.items():
        for ends, interval in zip(found, said.intervals(panel), strict=True):
            ends[name] = interval
    rows = zip(panel.cells.views, panel.names, figures, found, strict=True)
    return [
        _rater_row(panel, view, name, own, ends, again.counts(code))
        for code, (view, name, own, ends) in enumerate(rows)
    ]


def _rater_row(
    panel: Panel,
    view: RaterView,
    name: str,
    figures: RaterFigures,
    found: Mapping[str, Interval],
    again: tuple[float, int],
) -> Row:
    numbers = {
        "positive_rate": figures.positive_rate,
        "accuracy": figures.accuracy,
        "macro_precision": figures.macro.precision,
        "macro_recall": figures.macro.recall,
        "macro_f1": figures.macro.f1,
        "spearman": figures.spearman,
        "pearson": figures.pearson,
        "mean_shift": figures.mean_shift,
    }
    orders = figures.order_consistent
    row = {
        "rater": name,
        "role": view.role,
        "n": figures.n,
        "unusable": figures.unusable,
        **panel.numbers(numbers, of=name),
        "order_consistent": orders and {"same": orders[0], "of": orders[1]},
        "self_consistent": {"same": again[0], "of": again[1]} if again[1] else None,
        **panel.numbers(figures.of_positive, of=name),
    }
    return row | {"intervals": panel.intervals(row, found, of=name)}


def pair_rows(panel: Panel) -> list[Row]:
    """Every two raters who share an item, aggregates left out, a rater's roles taken together."""
    unique = list(dict.fromkeys(panel.names))
    codes = {name: code for code, name in enumerate(unique)}
    raters = panel.codes(lambda view: view.kind != "aggregate", codes)
    pairs = pairs_of(panel.question, panel.base, raters.tolist())
    chosen = most_shared({(pair.a, pair.b): pair.n for pair in pairs})
    found = pair_intervals(
        panel.draws, panel.base, raters, chosen,
        has_order=panel.has_order, has_labels=panel.has_labels,
    )  # fmt: skip
    if len(chosen) < len(pairs):
        panel.open_ended.bounds("other pairs", TOO_MANY)
    rows = []
    for pair in pairs:
        at = chosen.get((pair.a, pair.b))
        own = {} if at is None else {name: each[at] for name, each in found.items()}
        rows.append(_pair_row(panel, unique[pair.a], unique[pair.b], pair, own))
    return rows


def _pair_row(panel: Panel, a: str, b: str, pair: Pair, found: Mapping[str, Interval]) -> Row:
    numbers = {
        "percent": pair.percent,
        "cohen_kappa": pair.cohen_kappa,
        "spearman": pair.spearman,
        "pearson": pair.pearson,
    }
    of = f"{a} and {b}"
    row = {"a": a, "b": b, "n": pair.n, **panel.numbers(numbers, of=of)}
    return row | {"intervals": panel.intervals(row, found, of=of)}


def group_rows(panel: Panel) -> list[Row]:
    """Plain means over the pairs of each group, every pair counting one whatever it shares.

    One rater in two roles or arms is listed as a pair, but is no pair of two raters here.
    """
    views = panel.cells.views
    raters = np.array(
        [-1 if view.kind == "aggregate" else code for code, view in enumerate(views)], np.intp
    )
    members: dict[Group, list[Pair]] = {group: [] for group in get_args(Group)}
    for pair in pairs_of(panel.question, panel.base, raters.tolist(), correlated=False):
        group = group_of(views[pair.a], views[pair.b])
        if group is not None and views[pair.a].rater != views[pair.b].rater:
            members[group].append(pair)
    return [_group_row(panel, group, pairs, raters) for group, pairs in members.items() if pairs]


def group_of(a: RaterView, b: RaterView) -> Group | None:
    """The group of a pair of raters; two owners or two experts make none."""
    if a.kind == b.kind == "llm":
        return "llm-llm"
    if "llm" in (a.kind, b.kind):
        return "human-llm"
    roles = {a.role, b.role}
    groups: dict[frozenset[str], Group] = {
        frozenset({"peer"}): "peer-peer",
        frozenset({"owner", "peer"}): "owner-peer",
        frozenset({"expert", "peer"}): "expert-peer",
    }
    return groups.get(frozenset(roles))


def _group_row(panel: Panel, group: Group, pairs: Sequence[Pair], raters: Codes) -> Row:
    """A group's means; kappa over the pairs that have one, the others being noted.

    `shared` tells how many items the two of a pair both judged, from the least to the most.
    """
    shared = [pair.n for pair in pairs]
    of = f"the group {group}"
    percents = [pair.percent for pair in pairs if not isinstance(pair.percent, Undefined)]
    kappas = [pair.cohen_kappa for pair in pairs if not isinstance(pair.cohen_kappa, Undefined)]
    without = len(pairs) - len(kappas)
    if without:
        reason = f"{without} of {len(pairs)} pairs have no kappa and are left out of the mean"
        panel.gaps.number("cohen_kappa", Undefined(reason), of=of)
    row: Row = {
        "group": group,
        "pairs": len(pairs),
        "shared": {"least": min(shared), "most": max(shared)},
        "percent": float(np.mean(percents)) if percents else None,
        "cohen_kappa": float(np.mean(kappas)) if kappas else None,
    }
    chosen = drawn_pairs([(pair.a, pair.b) for pair in pairs])
    whole = {key: row[key] for key in ("percent", "cohen_kappa") if row[key] is not None}
    found = mean_intervals(panel.draws, panel.base, raters, chosen, whole)
    return row | {
        "intervals": panel.intervals(row, found, of=of),
        "resampled_pairs": len(chosen),
    }
