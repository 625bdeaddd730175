"""Who is left out of a study's figures, and what is told of it."""

from typing import Any

from annotation.models import Exclusion
from studies.models import Study


def left_out_of(study: Study) -> dict[str, Exclusion]:
    """By the ref of the rater: those who are left out now. One query."""
    rows = Exclusion.objects.filter(rater__study=study, ended_at=None).select_related("rater")
    return {row.rater.ref: row for row in rows}


def exclusion_document(row: Exclusion) -> dict[str, Any]:
    """From when to when, by whom and why."""
    return {
        "reason": row.reason,
        "by": row.by,
        "at": row.at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
    }
