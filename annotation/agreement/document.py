"""The agreement document: every figure of one question of one stage, as `agreement --json` prints.

Raters, reference and the way revisions, orders and samples were collapsed are named in it; a
figure that does not exist is null and listed under `undefined` with its reason.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.agreement.cells import WRONG_CODE, Cells, tabulate
from annotation.agreement.chance import alpha_of_answers
from annotation.agreement.collapsing import (
    Collapse,
    Orders,
    Policies,
    RaterView,
    Samples,
    Unusable,
)
from annotation.agreement.figures import NO_ORDER, NO_POSITIVE, Figure, Undefined
from annotation.agreement.pairs import OPEN_SCALE, Pair, pairs_of
from annotation.agreement.raters import (
    NO_LABELS,
    RaterFigures,
    cells_by_view,
    raters_figures,
)
from annotation.agreement.reference import BETWEEN, Referee, Reference

Row: TypeAlias = dict[str, Any]
Group: TypeAlias = Literal["peer-peer", "owner-peer", "expert-peer", "human-llm", "llm-llm"]

OF_THE_QUESTION = (NO_ORDER, NO_POSITIVE, NO_LABELS, OPEN_SCALE)


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
) -> Row:
    """All figures of one question, ready for JSON.

    `reference` is majority, owner, mean, median or the name of a rater. Raises `PolicyRefused`
    with a sentence for an unknown choice, or one that the question cannot carry; never for data.
    Alpha and the majority are of people alone. `no_reference` counts items without a reference.
    """
    _refuse_unknown(unusable, orders, samples)
    return {
        "study": study,
        "stage": stage,
        "question": question.key,
        "scale": question.scale,
        "unusable": unusable,
        "reference": reference,
        "collapsed": {"revisions": "latest", "orders": orders, "samples": samples},
    } | _figures(question, answers, Policies(unusable, orders, samples), reference)


def _figures(question: Question, answers: Iterable[Answer], policies: Policies, who: str) -> Row:
    """The document from `items` on."""
    raw = Collapse(question, policies).cells(answers)
    cells = tabulate(question, raw)
    names = _names(cells.views)
    referee = Referee(question, cells, names, who)
    whole, gaps = referee.reference(), Gaps()
    references = (_fair(referee, whole, view) for view in cells.views)
    figures = raters_figures(question, cells, list(cells_by_view(raw).values()), references)
    return {
        "items": len(cells.units),
        "no_reference": int((~whole.exists).sum()),
        "alpha": gaps.number("alpha", _alpha(question, cells)),
        "labels": _labels(cells, whole, gaps),
        "raters": _rater_rows(cells.views, names, figures, gaps),
        "pairs": _pair_rows(question, cells, names, gaps),
        "groups": _group_rows(question, cells, gaps),
        "undefined": gaps.rows,
    }


class Gaps:
    """The undefined figures met while a document is written, in order, each once."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], None] = {}

    @property
    def rows(self) -> list[dict[str, str]]:
        return [{"figure": figure, "reason": reason} for figure, reason in self._rows]

    def number(self, figure: str, value: Figure, of: str = "") -> float | None:
        """The number, or None after noting why there is none.

        What the question itself rules out is noted once and not for each rater.
        """
        if not isinstance(value, Undefined):
            return value
        name = f"{figure} of {of}" if of and value not in OF_THE_QUESTION else figure
        self._rows[name, value.reason] = None
        return None


def _refuse_unknown(unusable: str, orders: str, samples: str) -> None:
    for option, chosen, known in (
        ("unusable", unusable, get_args(Unusable)),
        ("orders", orders, get_args(Orders)),
        ("samples", samples, get_args(Samples)),
    ):
        if chosen not in known:
            raise PolicyRefused(f'{option} is one of {", ".join(known)}, not "{chosen}".')


def _names(views: Sequence[RaterView]) -> list[str]:
    """What each rater view is called: the rater, with the arm where a rater has several."""
    arms: dict[str, set[str]] = {}
    for view in views:
        arms.setdefault(view.rater, set()).add(view.arm)
    return [
        view.rater if len(arms[view.rater]) == 1 else f"{view.rater} ({view.arm})" for view in views
    ]


def _fair(referee: Referee, whole: Reference, view: RaterView) -> Reference:
    """The reference without the rater's own part in it."""
    return referee.reference(without=view.rater) if referee.asks(view.rater) else whole


def _alpha(question: Question, cells: Cells) -> Figure:
    """Krippendorff's alpha of the people; a person's undecided nominal answer is missing."""
    people = list(cells.of_kind("human"))
    if question.scale == "nominal":
        votes = cells.votes
        sure = (votes.label != WRONG_CODE) & (votes.weight > 1 - 1e-9)
        votes = votes.where(sure & np.isin(votes.view, people))
        return alpha_of_answers(votes.unit, votes.label.astype(np.float64), "nominal")
    marks, mine = cells.marks, np.isin(cells.marks.view, people)
    return alpha_of_answers(marks.unit[mine], marks.number[mine], question.scale)


def _labels(cells: Cells, reference: Reference, gaps: Gaps) -> dict[str, int]:
    """How many items have each label as their reference, in the order of the scale."""
    between = int((reference.labels == BETWEEN).sum())
    if between:
        gaps.number("labels", Undefined(f"{between} references lie between two labels"))
    counts = np.bincount(reference.labels[reference.labels >= 0], minlength=len(cells.labels))
    return {label: n for label, n in zip(cells.labels, counts.tolist(), strict=True) if n}


def _rater_rows(
    views: Sequence[RaterView], names: Sequence[str], figures: Sequence[RaterFigures], gaps: Gaps
) -> list[Row]:
    return [
        {"rater": name, "role": view.role} | _rater_row(name, each, gaps)
        for view, name, each in zip(views, names, figures, strict=True)
    ]


def _rater_row(name: str, figures: RaterFigures, gaps: Gaps) -> Row:
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
    return {
        "n": figures.n,
        "unusable": figures.unusable,
        **{key: gaps.number(key, figure, of=name) for key, figure in numbers.items()},
        "order_consistent": orders and {"same": orders[0], "of": orders[1]},
    }


def _pair_rows(question: Question, cells: Cells, names: Sequence[str], gaps: Gaps) -> list[Row]:
    """Every two raters who share an item, aggregates left out, a rater's roles taken together."""
    unique = list(dict.fromkeys(names))
    raters = [
        -1 if view.kind == "aggregate" else unique.index(name)
        for view, name in zip(cells.views, names, strict=True)
    ]
    return [
        _pair_row(unique[pair.a], unique[pair.b], pair, gaps)
        for pair in pairs_of(question, cells, raters)
    ]


def _pair_row(a: str, b: str, pair: Pair, gaps: Gaps) -> Row:
    numbers = {
        "percent": pair.percent,
        "cohen_kappa": pair.cohen_kappa,
        "spearman": pair.spearman,
        "pearson": pair.pearson,
    }
    of = f"{a} and {b}"
    return {"a": a, "b": b, "n": pair.n} | {
        key: gaps.number(key, figure, of=of) for key, figure in numbers.items()
    }


def _group_rows(question: Question, cells: Cells, gaps: Gaps) -> list[Row]:
    """Plain means over the pairs of each group, every pair counting one whatever it shares.

    One rater in two roles or arms is listed as a pair, but is no pair of two raters here.
    """
    raters = [-1 if view.kind == "aggregate" else code for code, view in enumerate(cells.views)]
    members: dict[Group, list[Pair]] = {group: [] for group in get_args(Group)}
    for pair in pairs_of(question, cells, raters, correlated=False):
        a, b = cells.views[pair.a], cells.views[pair.b]
        group = _group(a, b)
        if group is not None and a.rater != b.rater:
            members[group].append(pair)
    return [_group_row(group, pairs, gaps) for group, pairs in members.items() if pairs]


def _group(a: RaterView, b: RaterView) -> Group | None:
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


def _group_row(group: Group, pairs: Sequence[Pair], gaps: Gaps) -> Row:
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
        gaps.number("cohen_kappa", Undefined(reason), of=of)
    return {
        "group": group,
        "pairs": len(pairs),
        "shared": {"least": min(shared), "most": max(shared)},
        "percent": float(np.mean(percents)) if percents else None,
        "cohen_kappa": float(np.mean(kappas)) if kappas else None,
    }
