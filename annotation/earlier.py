"""What a rater answered before: found again, shown again, compared with what they say now."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.actions.judgments import Entry
from annotation.choices import Purpose, Stage
from annotation.models import Assignment, Judgment, Rater
from annotation.querysets import AssignmentQuerySet
from annotation.rubrics.sides import as_shown
from annotation.screens import Screen, ShownItem
from studies.models import Study

Said = Mapping[str, Judgment]
"""Item ref → the latest judgment of it."""


def earlier_places(rater: Rater) -> AssignmentQuerySet:
    """Finished places whose answers the rater may still change, the latest first."""
    done = Assignment.objects.filter(
        rater=rater, state=Assignment.State.DONE, study__state=Study.State.OPEN
    )
    told = [stage for stage in Stage.values if _tells_what_is_right(rater.study, stage)]
    open_ones = done.exclude(purpose=Purpose.GOLD, stage__in=told)
    return open_ones.still_shared().remembered().order_by("-finished_at", "-pk")


def is_final(place: Assignment) -> bool:
    """Gold of which raters are told what was right stays as it was answered."""
    return place.purpose == Purpose.GOLD and _tells_what_is_right(place.study, place.stage)


def _tells_what_is_right(study: Study, stage: str) -> bool:
    gold = ((study.document.get("stages") or {}).get(stage) or {}).get("gold") or {}
    return bool(gold.get("feedback") or gold.get("practice"))


def said_in(place: Assignment) -> Said:
    """The latest judgment of each item of a finished place. One query."""
    rows = place.judgments.select_related("item").order_by("revision")
    return {row.item.ref: row for row in rows}


def revision_of(said: Said) -> int:
    """The last revision of a place, 0 where nothing is stored."""
    return max((row.revision for row in said.values()), default=0)


def shown_answers(item: ShownItem, judgment: Judgment) -> dict[str, Any]:
    """A judgment's answers, in the terms of what is shown."""
    return as_shown(item.rubric, judgment.answers or {}, judgment.is_swapped)


def says_the_same(screen: Screen, said: Said, entries: Sequence[Entry]) -> bool:
    """Do the entries answer every item as it was answered last? Times do not count."""
    given = {entry.item: entry for entry in entries}
    return bool(said) and all(
        item.ref in said and item.ref in given and _is_same(item, said[item.ref], given[item.ref])
        for item in screen.items
    )


def _is_same(item: ShownItem, judgment: Judgment, entry: Entry) -> bool:
    kept = (shown_answers(item, judgment), judgment.comment, judgment.flag)
    return kept == (dict(entry.answers or {}), entry.comment, entry.flag)
