"""What is said about the raters of a study: a list by suspicion, and one rater's card."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.exclusions import exclusion_document, left_out_of
from annotation.models import Exclusion, Judgment, Rater
from annotation.quality.behind import behind, evidence_rows
from annotation.quality.limits import Limits, limits_of
from annotation.quality.mace import mace
from annotation.quality.reading import Reading, read
from annotation.quality.sheets import Measure
from annotation.quality.signals import NAMES, Findings, findings
from annotation.quality.table import Floats
from studies.models import Study

MOST_AT_A_GLANCE = 20_000
"""Judgments; more take longer than a line on another page is worth."""


@dataclass(frozen=True)
class Quality:
    """A study's rows, and what was found in them."""

    study: Study
    reading: Reading
    findings: Findings
    limits: Limits


def quality_of(study: Study) -> Quality:
    """Read the study and look; well under a second for 12,000 judgments."""
    reading = read(study)
    limits = limits_of(study.document)
    return Quality(study, reading, findings(reading.record, limits), limits)


def raters_document(study: Study) -> dict[str, Any]:
    """Everybody who judges, the most suspicious first."""
    quality = quality_of(study)
    left_out = left_out_of(study)
    rows = [_row(quality, code, left_out) for code in range(quality.reading.record.raters)]
    rows.sort(key=lambda row: (-row["suspicion"], row["rater"]))
    return {
        "study": study.slug,
        "limits": quality.limits.model_dump(),
        "raters": rows,
        "questions": [_question(quality, name) for name in quality.findings.estimates],
    }


def rater_document(study: Study, ref: str) -> dict[str, Any]:
    """One rater: every signal with its evidence. Raises Rater.DoesNotExist where it is no person.

    Answers to items, beside what others said of them, stand under each flag.
    """
    quality = quality_of(study)
    refs = [rater.ref for rater in quality.reading.people.raters]
    if ref not in refs:
        raise Rater.DoesNotExist(ref)
    code = refs.index(ref)
    signals = [
        _signal(quality, measure, code)
        for measure in quality.findings.measures
        if measure.n[code] > 0
    ]
    signals.sort(key=lambda one: (-one["level"], NAMES.index(one["signal"])))
    history = Exclusion.objects.filter(rater=quality.reading.people.raters[code])
    return {
        "study": study.slug,
        **_row(quality, code, left_out_of(study)),
        "signals": signals,
        "exclusions": [exclusion_document(row) for row in history],
    }


def flagged_at_a_glance(study: Study) -> int | None:
    """How many raters need a look; None where the study is too large to say so in passing."""
    people = Judgment.objects.filter(study=study, rater__kind=Rater.Kind.HUMAN)
    few = people.order_by().values_list("pk")[: MOST_AT_A_GLANCE + 1]
    return None if len(few) > MOST_AT_A_GLANCE else len(flagged_raters(study))


def flagged_raters(study: Study) -> list[str]:
    """Refs of raters who bear a flag and are not left out: what somebody should look at."""
    quality = quality_of(study)
    left_out = left_out_of(study)
    raters = quality.reading.people.raters
    flagged = np.flatnonzero(quality.findings.flagged)
    return [raters[code].ref for code in flagged if raters[code].ref not in left_out]


def _row(quality: Quality, code: int, left_out: Mapping[str, Exclusion]) -> dict[str, Any]:
    found, rater = quality.findings, quality.reading.people.raters[code]
    visits = quality.reading.record.visits
    own = visits.rater == code
    exclusion = left_out.get(rater.ref)
    levels = found.levels()
    return {
        "rater": rater.ref,
        "judgments": int(own.sum()),
        "seconds": _median(visits.seconds[own]),
        "suspicion": _rounded(found.suspicion[code]),
        "flags": [name for name in NAMES if name in levels and levels[name][code] >= 1],
        "agreement": _worst(found.measures, "agreement", code),
        "gold": _worst(found.measures, "gold", code),
        "reliability": _worst(found.measures, "reliability", code),
        "excluded": exclusion_document(exclusion) if exclusion else None,
    }


def _worst(measures: Iterable[Measure], name: str, code: int) -> dict[str, Any] | None:
    """The lowest value of a signal over all questions, with what it rests on."""
    found = [one for one in measures if one.name == name and one.n[code] > 0]
    if not found:
        return None
    lowest = min(found, key=lambda one: float(one.value[code]))
    return {
        "value": _rounded(lowest.value[code]),
        "n": int(lowest.n[code]),
        "question": lowest.question,
    }


def _signal(quality: Quality, measure: Measure, code: int) -> dict[str, Any]:
    partner = None if measure.partner is None else int(measure.partner[code])
    raters = quality.reading.people.raters
    places = behind(quality.reading, measure, code)
    return {
        "signal": measure.name,
        "question": measure.question,
        "value": _rounded(measure.value[code]),
        "n": int(measure.n[code]),
        "level": _rounded(measure.level[code]),
        "is_flag": bool(measure.level[code] >= 1),
        "limit": measure.limit,
        "partner": raters[partner].ref if partner is not None and partner >= 0 else None,
        "behind": len(places),
        "judgments": evidence_rows(quality.reading, measure, places),
    }


def _question(quality: Quality, name: str) -> dict[str, Any]:
    """What the models of raters say about one question: who is trusted, what is hard."""
    estimate = quality.findings.estimates[name]
    sheet = next(one for one in quality.reading.record.sheets if one.name == name)
    other = mace(sheet.table)
    refs = [rater.ref for rater in quality.reading.people.raters]
    answered = np.unique(sheet.table.rater)
    return {
        "question": name,
        "answers": len(sheet.table),
        "labels": quality.reading.labels[name],
        "converged": estimate.converged,
        "iterations": estimate.iterations,
        "difficulty": _rounded(float(estimate.difficulty.mean()) if len(sheet.table) else None),
        "weights": {
            refs[code]: {
                "dawid_skene": _rounded(estimate.weight[code]),
                "mace": _rounded(other.weight[code]),
            }
            for code in answered
        },
    }


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return _rounded(np.median(known)) if len(known) else None


def _rounded(value: Any) -> float | None:
    if value is None or not np.isfinite(value):
        return None
    return round(float(value), 4)
