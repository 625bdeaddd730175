"""What is said about the raters of a study: a list by suspicion, and one rater's card."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from annotation.actions.simulated import SIMULATED
from annotation.exclusions import exclusion_document
from annotation.given_answers import WITHOUT_EXCLUDED
from annotation.models import Exclusion, Judgment, Rater
from annotation.quality.behind import behind, evidence_rows
from annotation.quality.crowd import middle
from annotation.quality.labels import question_row, rounded
from annotation.quality.quality import Quality, quality_of
from annotation.quality.sheets import Measure
from annotation.quality.signals import NAMES
from annotation.quality.skipping import skipped_rows
from annotation.quality.table import Floats
from studies.models import Study

RELATIVE = ("agreement", "reliability")
"""Signals that are held to what the middle rater reaches."""
PATTERNS = (*RELATIVE, "same_answer", "one_side", "copying")
"""Signals that say little on fewer answers than the least."""
MOST_AT_A_GLANCE = 20_000
"""Judgments; more take longer than a line on another page is worth."""


def raters_document(study: Study, raters: str = WITHOUT_EXCLUDED) -> dict[str, Any]:
    """Everybody who judges, the most suspicious first.

    Nobody is held to those who are left out, unless `raters` is all. Raises ValidationError.
    """
    quality = quality_of(study, raters)
    rows = [_row(quality, code) for code in range(quality.reading.record.raters)]
    rows.sort(key=lambda row: (-row["suspicion"], row["rater"]))
    return {
        "study": study.slug,
        "counted": {"raters": raters},
        "excluded": len(quality.left_out),
        "limits": quality.limits.model_dump(),
        "raters": rows,
        "questions": [question_row(quality, name) for name in quality.findings.estimates],
    }


def rater_document(study: Study, ref: str, raters: str = WITHOUT_EXCLUDED) -> dict[str, Any]:
    """One rater: every signal with its evidence. Raises Rater.DoesNotExist where it is no person.

    `raters`: who the rater is compared with; one who is left out is compared with all. Answers to
    items, beside what others said of them, stand under each flag.
    """
    quality = quality_of(study, raters)
    refs = [rater.ref for rater in quality.reading.people.raters]
    if ref not in refs:
        raise Rater.DoesNotExist(ref)
    code = refs.index(ref)
    signals = [
        _signal(quality, measure, code)
        for measure in quality.found(code).measures
        if measure.n[code] > 0
    ]
    signals.sort(key=lambda one: (-one["level"], NAMES.index(one["signal"])))
    history = Exclusion.objects.filter(rater=quality.reading.people.raters[code])
    return {
        "study": study.slug,
        "counted": {"raters": raters},
        "limits": quality.limits.model_dump(),
        **_row(quality, code),
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
    raters = quality.reading.people.raters
    flagged = np.flatnonzero(quality.findings.flagged)
    return [raters[code].ref for code in flagged if raters[code].ref not in quality.left_out]


def _row(quality: Quality, code: int) -> dict[str, Any]:
    found, rater = quality.found(code), quality.reading.people.raters[code]
    visits = quality.reading.record.visits
    own = visits.rater == code
    exclusion = quality.left_out.get(rater.ref)
    levels = found.levels()
    return {
        "rater": rater.ref,
        "judgments": int(own.sum()),
        "seconds": _median(visits.seconds[own]),
        "suspicion": rounded(found.suspicion[code]),
        "flags": [name for name in NAMES if name in levels and levels[name][code] >= 1],
        "agreement": _worst(found.measures, "agreement", code),
        "gold": _worst(found.measures, "gold", code),
        "reliability": _worst(found.measures, "reliability", code),
        "excluded": exclusion_document(exclusion) if exclusion else None,
        "simulated": SIMULATED in rater.extra,
    }


def _worst(measures: Iterable[Measure], name: str, code: int) -> dict[str, Any] | None:
    """The lowest value of a signal over all questions, with what it rests on."""
    found = [one for one in measures if one.name == name and one.n[code] > 0]
    if not found:
        return None
    lowest = min(found, key=lambda one: float(one.value[code]))
    return {
        "value": rounded(lowest.value[code]),
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
        "value": rounded(measure.value[code]),
        "n": int(measure.n[code]),
        "level": rounded(measure.level[code]),
        "is_flag": bool(measure.level[code] >= 1),
        "limit": measure.limit,
        "expected": _expected(quality, measure),
        "is_enough": measure.name not in PATTERNS or bool(measure.n[code] >= quality.limits.least),
        "partner": raters[partner].ref if partner is not None and partner >= 0 else None,
        "behind": len(places),
        "skipped": skipped_rows(raters[code]) if measure.name == "skips" else [],
        "judgments": evidence_rows(quality.reading, measure, places),
    }


def _expected(quality: Quality, measure: Measure) -> float | None:
    """The value itself from which on nothing is wrong, where it depends on the other raters."""
    if measure.name not in RELATIVE:
        return None
    reached = middle(measure.value, measure.n, quality.limits.least)
    return None if reached is None else rounded(measure.limit * reached)


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return rounded(np.median(known)) if len(known) else None
