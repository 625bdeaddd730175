"""What models of raters say about a question: whom to trust, what is right, what is hard."""

from typing import Any

import numpy as np

from annotation.quality.crowd import with_gold
from annotation.quality.estimate import Estimate
from annotation.quality.mace import mace
from annotation.quality.quality import Quality
from annotation.quality.table import AnswerTable


def question_row(quality: Quality, name: str) -> dict[str, Any]:
    """How far each rater is trusted, and how hard the items are.

    Both models see the same answers: none of owners, of adjudicators, of those left out, to checks
    or repeats. Of raters who gave no other answers they say nothing.
    """
    table, estimate, other = models_of(quality, name)
    refs = [rater.ref for rater in quality.reading.people.raters]
    hard = estimate.difficulty[np.unique(table.unit)]
    return {
        "question": name,
        "answers": len(table),
        "labels": quality.reading.labels[name],
        "converged": estimate.converged,
        "iterations": estimate.iterations,
        "difficulty": rounded(hard.mean()) if len(hard) else None,
        "weights": {
            refs[code]: {
                "dawid_skene": rounded(estimate.weight[code]),
                "mace": rounded(other.weight[code]),
            }
            for code in np.unique(table.rater)
        },
    }


def models_of(quality: Quality, name: str) -> tuple[AnswerTable, Estimate, Estimate]:
    """The answers that were fitted, Dawid and Skene's model of them, and MACE."""
    table = with_gold(quality.findings.compared[name])
    return table, quality.findings.estimates[name], mace(table)


def rounded(value: Any) -> float | None:
    """For JSON; None where there is no number."""
    if value is None or not np.isfinite(value):
        return None
    return round(float(value), 4)
