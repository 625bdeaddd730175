"""How well the signals find bad raters whose badness is known, and what labels are worth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.quality.dawid_skene import dawid_skene
from annotation.quality.limits import Limits
from annotation.quality.mace import mace
from annotation.quality.signals import Findings, findings
from annotation.quality.table import AnswerTable, Codes, Floats, Truths
from annotation.simulation.profiles import COLLUDER
from bench.quality.invented import Invented

FIRST = 5


def evaluated(made: Invented, limits: Limits) -> dict[str, Any]:
    """The figures of one seed, as `PLAN.md` lists them."""
    found = findings(made.record, limits)
    bad, ranks = made.is_bad, ranks_of(found.suspicion)
    names = np.array([rater.script.profile for rater in made.raters])
    return {
        "places": {
            str(name): sorted(int(rank) for rank in ranks[bad & (names == name)])
            for name in sorted(set(names[bad]))
        },
        "precision_at_5": round(float(bad[ranks <= FIRST].mean()), 3),
        "auc": round(area(found.suspicion, bad), 4),
        "not_flagged": names[bad & ~found.flagged].tolist(),
        "false_alarms": false_alarms(found, bad, names),
        "colluders": colluders(made, found),
        "labels": {"all": label_shares(made, np.ones(len(bad), bool), limits)}
        | {"without_flagged": label_shares(made, ~found.flagged, limits)},
    }


def ranks_of(suspicion: Floats) -> Floats:
    """1 is the most suspicious; those who are equally so share the worse place."""
    return np.array([int((suspicion >= one).sum()) for one in suspicion])


def area(suspicion: Floats, bad: Truths) -> float:
    """Chance that a bad rater is more suspicious than an honest one, ties counting half."""
    ahead = suspicion[bad][:, None] - suspicion[~bad][None, :]
    return float(((ahead > 0) + 0.5 * (ahead == 0)).mean())


def false_alarms(found: Findings, bad: Truths, names: NDArray[np.str_]) -> list[str]:
    """Honest raters who bear a flag: profile and signals."""
    levels = found.levels()
    return [
        f"{names[one]}: " + ", ".join(name for name in levels if levels[name][one] >= 1)
        for one in np.flatnonzero(found.flagged & ~bad)
    ]


def colluders(made: Invented, found: Findings) -> dict[str, Any]:
    """Whether the two are named as a pair."""
    pair = [n for n, rater in enumerate(made.raters) if rater.script.profile == COLLUDER]
    measure = next(one for one in found.measures if one.name == "copying")
    assert measure.partner is not None
    named = [bool(measure.level[one] >= 1 and measure.partner[one] in pair) for one in pair]
    return {"named": all(named) and bool(pair), "shared": [int(measure.n[one]) for one in pair]}


def label_shares(made: Invented, kept: Truths, limits: Limits) -> dict[str, float]:
    """Share of items whose label is the planted one, by each way to find labels."""
    sheet = made.record.sheets[0]
    mask = sheet.main() & kept[sheet.table.rater]
    table = sheet.table.where(mask)
    own = np.arange(len(made.truth))
    answered = np.isin(own, table.unit)
    found = {
        "majority": majority_share(table, made.truth),
        "dawid_skene": float((dawid_skene(table).labels[own] == made.truth).mean()),
        "mace": float((mace(table).labels[own] == made.truth).mean()),
        "answered": float(answered.mean()),
    }
    return {name: round(value, 4) for name, value in found.items()}


def majority_share(table: AnswerTable, truth: Codes) -> float:
    """A tie counts by the chance to draw the right label from those that lead."""
    shares = table.shares()[: len(truth)]
    leads = shares == shares.max(axis=1, keepdims=True)
    return float((leads[np.arange(len(truth)), truth] / leads.sum(axis=1)).mean())
