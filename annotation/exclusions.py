"""Who is left out of a study's figures, and what is told of it."""

from typing import Any

from django.db.models import Exists, OuterRef

from annotation.models import Exclusion, Rater
from studies.models import Study

IS_LEFT_OUT = Exists(Exclusion.objects.filter(rater=OuterRef("pk"), ended_at__isnull=True))
"""Of a rater; who asks for many, or while looking for something else, asks for it beside them."""


def is_left_out(rater: Rater) -> bool:
    """Now? Without a query where the rater was asked for with `is_left_out`."""
    known: bool | None = getattr(rater, "is_left_out", None)
    return rater.exclusions.filter(ended_at=None).exists() if known is None else known


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
