"""The groups' rows of an agreement document: peers with each other, with owners, with models."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np

from annotation.agreement.answers import LEAST_SHARED
from annotation.agreement.chance import ONE_VALUE, Codes
from annotation.agreement.collapsing import RaterView
from annotation.agreement.figures import Figure, Undefined
from annotation.agreement.pairs import OPEN_SCALE, Pair, pairs_of
from annotation.agreement.panel import Panel, Row
from annotation.agreement.resampled.draws import Interval
from annotation.agreement.resampled.pairs import drawn_pairs, mean_intervals, pooled
from annotation.agreement.resting import met_in

Group: TypeAlias = Literal["peer-peer", "owner-peer", "expert-peer", "human-llm", "llm-llm"]

ALIKE: tuple[Group, ...] = ("peer-peer", "llm-llm")
"""Groups whose pairs have no first and second: each meeting is counted both ways round."""


def group_rows(panel: Panel) -> list[Row]:
    """Each group's means over its pairs, and kappa of all of its answers that met.

    One rater in two roles or arms is listed as a pair, but is no pair of two raters here.
    """
    views = panel.cells.views
    order = sorted(range(len(views)), key=lambda view: (_place(views[view]), view))
    raters = np.full(len(views), -1, np.intp)
    for code, view in enumerate(order):
        raters[view] = -1 if views[view].kind == "aggregate" else code
    members: dict[Group, list[Pair]] = {group: [] for group in get_args(Group)}
    for pair in pairs_of(panel.question, panel.base, raters.tolist(), correlated=False):
        a, b = views[order[pair.a]], views[order[pair.b]]
        group = group_of(a, b)
        if group is not None and a.rater != b.rater:
            members[group].append(pair)
    found = {group: pairs for group, pairs in members.items() if pairs}
    whole = _pooled(panel, found, raters)
    return [_group_row(panel, group, found[group], raters, whole[group]) for group in found]


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


def _place(view: RaterView) -> int:
    """Owners and experts before peers, people before models: so each is first in its pairs."""
    return 2 if view.kind == "llm" else int(view.role == "peer")


def _group_row(
    panel: Panel,
    group: Group,
    pairs: Sequence[Pair],
    raters: Codes,
    whole: tuple[Figure, Interval],
) -> Row:
    """A group's means; kappa over the pairs that share enough and have one, the others noted.

    `items` and `judgments` are those that met, `shared` how many items the two of a pair both
    judged, from the least to the most.
    """
    shared, of = [pair.n for pair in pairs], f"the group {group}"
    percents = [pair.percent for pair in pairs if not isinstance(pair.percent, Undefined)]
    kappas = _kappas(panel, group, pairs)
    row: Row = {
        "group": group,
        "pairs": len(pairs),
        **met_in(panel.base, raters, pairs),
        "shared": {"least": min(shared), "most": max(shared)},
        "percent": float(np.mean(percents)) if percents else None,
        "cohen_kappa": float(np.mean([*kappas.values()])) if kappas else None,
        "kappa_pairs": len(kappas),
        "pooled_kappa": panel.gaps.number("pooled_kappa", whole[0], of=of),
    }
    chosen = drawn_pairs([(pair.a, pair.b) for pair in pairs])
    found = _mean_intervals(panel, raters, row, chosen, drawn_pairs([*kappas]))
    intervals = panel.intervals(row, found | {"pooled_kappa": whole[1]}, of=of)
    return row | {"intervals": intervals, "resampled_pairs": len(chosen)}


def _kappas(panel: Panel, group: Group, pairs: Sequence[Pair]) -> dict[tuple[int, int], float]:
    """The kappas that a mean is made of; what is left out is noted."""
    enough = [pair for pair in pairs if pair.n >= LEAST_SHARED]
    known = {
        (pair.a, pair.b): pair.cohen_kappa
        for pair in enough
        if not isinstance(pair.cohen_kappa, Undefined)
    }
    few, without = len(pairs) - len(enough), len(enough) - len(known)
    reasons = [f"{few} share fewer than {LEAST_SHARED} items"] if few else []
    reasons += [f"{without} have no kappa"] if without else []
    if reasons:
        told = f"of {len(pairs)} pairs {' and '.join(reasons)}: left out of the mean"
        panel.gaps.number("cohen_kappa", Undefined(told), of=f"the group {group}")
    return known


def _mean_intervals(
    panel: Panel,
    raters: Codes,
    row: Row,
    every: Mapping[tuple[int, int], int],
    counted: Mapping[tuple[int, int], int],
) -> dict[str, Interval]:
    """Of both means: percent is over all pairs, kappa over those that count."""
    whole = {key: row[key] for key in ("percent", "cohen_kappa") if row[key] is not None}
    found = mean_intervals(panel.draws, panel.base, raters, every, whole)
    if counted and counted != every:
        kappas = mean_intervals(panel.draws, panel.base, raters, counted, whole)
        found["cohen_kappa"] = kappas["cohen_kappa"]
    return found


def _pooled(
    panel: Panel, members: Mapping[Group, Sequence[Pair]], raters: Codes
) -> dict[Group, tuple[Figure, Interval]]:
    """Kappa of each group's answers in one table: of every two answers to an item that met."""
    numbers = {group: number for number, group in enumerate(members)}
    pairs = {(pair.a, pair.b): numbers[group] for group in members for pair in members[group]}
    alike = [number for group, number in numbers.items() if group in ALIKE]
    values, intervals = pooled(panel.draws, panel.base, raters, pairs, alike)
    return {
        group: (_kappa(panel, float(values[number])), intervals[number])
        for group, number in numbers.items()
    }


def _kappa(panel: Panel, value: float) -> Figure:
    if not panel.has_labels:
        return OPEN_SCALE
    return Undefined(ONE_VALUE) if np.isnan(value) else value
