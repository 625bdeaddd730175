"""What models of raters say about a question: whom to trust, what is right, what is hard."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import numpy as np
from django.core.exceptions import ValidationError

from annotation.given_answers import WITHOUT_EXCLUDED
from annotation.quality.crowd import with_gold
from annotation.quality.estimate import Estimate
from annotation.quality.mace import mace
from annotation.quality.quality import Quality, quality_of
from annotation.quality.table import UNKNOWN, AnswerTable, Floats, counted
from studies.models import Study


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


def labels_document(
    study: Study, question: str = "", raters: str = WITHOUT_EXCLUDED
) -> list[dict[str, Any]]:
    """By item, and target where one is asked about: how probable each answer is, by both models.

    `question`: one alone, by stage and key. Raises ValidationError where nobody answered it.
    """
    quality = quality_of(study, raters)
    there = list(quality.findings.estimates)
    if question and question not in there:
        known = ", ".join(there) or "none"
        raise ValidationError(f"Nobody answered a question “{question}”; there is: {known}.")
    refs = dict(study.items.values_list("pk", "ref"))
    return [row for name in there if question in ("", name) for row in _rows(quality, name, refs)]


def _rows(quality: Quality, name: str, refs: Mapping[UUID, str]) -> Iterator[dict[str, Any]]:
    """Items that nobody was asked about whom models see are left out."""
    table, estimate, other = models_of(quality, name)
    units, labels = quality.reading.units[name], quality.reading.labels[name]
    given = counted(table.unit, table.units)
    hard = estimate.difficulty
    for unit in np.unique(table.unit).tolist():
        item, target = units[unit]
        yield {
            "question": name,
            "item": refs[item],
            "target": target or None,
            "answers": int(given[unit]),
            "known": labels[table.known[unit]] if table.known[unit] != UNKNOWN else None,
            "difficulty": rounded(hard[unit]),
            "dawid_skene": _by_label(labels, estimate.posterior[unit]),
            "mace": _by_label(labels, other.posterior[unit]),
        }


def _by_label(labels: list[str], posterior: Floats) -> dict[str, float | None]:
    return {label: rounded(share) for label, share in zip(labels, posterior, strict=True)}


def label_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The same as a table: a line per item, target and answer, below its names."""
    about = ("question", "item", "target", "answers", "known", "difficulty")
    yield (*about, "label", "dawid_skene", "mace")
    for row in rows:
        for label, share in row["dawid_skene"].items():
            yield (*(row[name] for name in about), label, share, row["mace"][label])
