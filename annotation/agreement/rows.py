"""The raters' and the pairs' rows of an agreement document, with their intervals."""

from collections.abc import Mapping, Sequence

from annotation.agreement.collapsing import RaterView
from annotation.agreement.figures import Undefined
from annotation.agreement.pairs import Pair, pairs_of
from annotation.agreement.panel import Panel, Row
from annotation.agreement.raters import RaterFigures, positive_codes
from annotation.agreement.repeats import Again
from annotation.agreement.resampled.draws import Interval
from annotation.agreement.resampled.pairs import most_shared, pair_intervals
from annotation.agreement.resampled.raters import Held, rater_intervals

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
        "added": panel.added_of[view.rater],
        "compared": figures.compared,
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
