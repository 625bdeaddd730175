"""What a rater answered before: found again, shown again, compared with what they say now."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.actions.judgments import Entry
from annotation.choices import Purpose
from annotation.models import Assignment, Judgment, Rater
from annotation.practice import told_to, was_told
from annotation.querysets import AssignmentQuerySet
from annotation.rubrics.sides import as_shown
from annotation.screens import Screen, ShownItem
from studies.lookups import among
from studies.models import Study

Said = Mapping[str, Judgment]
"""Item ref → the latest judgment of it."""


def earlier_places(rater: Rater) -> AssignmentQuerySet:
    """Finished places whose answers the rater may still change, the latest first."""
    done = Assignment.objects.filter(
        rater=rater, state=Assignment.State.DONE, study__state=Study.State.OPEN
    )
    again = among("task__ref", _asked_again(rater))
    open_ones = done.exclude(among("pk", told_to(rater))).exclude(again)
    return open_ones.still_shared().remembered().order_by("-finished_at", "-pk")


def is_final(place: Assignment) -> bool:
    """Does it stay as it was answered, since more is known of it now, or shall not be?

    So does gold of which the right answers were told, and what its rater is asked again: they
    would be held against answers that they saw, or changed, in between.
    """
    if place.purpose == Purpose.MAIN and place.rater:
        return place.task.ref in _asked_again(place.rater)
    return was_told(place)


def _asked_again(rater: Rater) -> set[str]:
    """Refs of tasks that they hold, or have answered, a second time."""
    states = (Assignment.State.LEASED, *Assignment.FILLED)
    repeats = Assignment.objects.filter(rater=rater, purpose=Purpose.REPEAT, state__in=states)
    return {extra["repeats"] for extra in repeats.values_list("task__extra", flat=True)}


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
    return bool(screen.items) and all(
        item.ref in said and item.ref in given and _is_same(item, said[item.ref], given[item.ref])
        for item in screen.items
    )


def _is_same(item: ShownItem, judgment: Judgment, entry: Entry) -> bool:
    kept = (shown_answers(item, judgment), judgment.comment, judgment.flag)
    return kept == (dict(entry.answers or {}), entry.comment, entry.flag)
