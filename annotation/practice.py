"""Gold of which raters are told what was right: practice, and all of it where the study says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from annotation.choices import Purpose
from annotation.models import Assignment, Rater
from studies.models import Study


def was_told(place: Assignment) -> bool:
    """Is it answered gold of which its rater was told what is right?

    No query unless it is gold, one where only practice is told.
    """
    if place.purpose != Purpose.GOLD:
        return False
    if _gold(place.study, place.stage).get("feedback"):
        return True
    return place.pk in {row.pk for row in practice_in(place.study, rater=place.rater)}


def told_to(rater: Rater) -> set[UUID]:
    """Those of a rater's places of which they were told; one query where a stage tells anything."""
    always = {stage for stage in _stages(rater.study) if _gold(rater.study, stage).get("feedback")}
    gold = _answered_gold(rater.study, always, rater=rater) if always else []
    return {row.pk for row in [*gold, *practice_in(rater.study, rater=rater)]}


def practice_in(study: Study, *, rater: Rater | None = None) -> list[Assignment]:
    """The gold that each rater, or the one, answered first at a stage: so much as is practice.

    It is told from other gold by what the study says today. No query where nothing is practice.
    """
    counts = {stage: _gold(study, stage).get("practice", 0) for stage in _stages(study)}
    counts = {stage: count for stage, count in counts.items() if count}
    if not counts:
        return []
    found: dict[tuple[Any, ...], list[Assignment]] = defaultdict(list)
    for row in _answered_gold(study, counts, rater=rater):
        found[row.rater_id, row.stage, row.role].append(row)
    return [row for key, rows in found.items() for row in rows[: counts[key[1]]]]


def _answered_gold(
    study: Study, stages: Iterable[str], *, rater: Rater | None
) -> Iterable[Assignment]:
    """The first answered first."""
    rows = Assignment.objects.filter(
        study=study, stage__in=list(stages), purpose=Purpose.GOLD, state__in=Assignment.FILLED
    )
    rows = rows.filter(rater=rater) if rater else rows
    return rows.order_by("finished_at", "pk").only("stage", "role", "rater", "task")


def _stages(study: Study) -> Mapping[str, Any]:
    return study.document.get("stages") or {}


def _gold(study: Study, stage: str) -> Mapping[str, Any]:
    gold: Mapping[str, Any] = (_stages(study).get(stage) or {}).get("gold") or {}
    return gold
