"""What raters passed on: gold items and attention checks, and other tasks."""

from uuid import UUID

import numpy as np
from django.db.models import Count

from annotation.choices import Purpose, Role
from annotation.models import Assignment, Rater, Skip
from annotation.quality.sheets import Skipping
from studies.models import Study

State = Assignment.State
KNOWN = (Purpose.GOLD, Purpose.CHECK)
MOST_SHOWN = 30


def skipping_in(study: Study, raters: dict[UUID, int]) -> Skipping:
    """How many tasks each rater was given and how many they passed on; one query.

    Owners' are left out: nothing is known about them beforehand.
    """
    given, passed = (np.zeros((2, len(raters))) for _ in range(2))
    places = Assignment.objects.filter(
        study=study, state__in=(*Assignment.FILLED, State.SKIPPED), rater__kind=Rater.Kind.HUMAN
    ).exclude(role=Role.OWNER)
    rows = places.order_by().values_list("rater_id", "purpose", "state").annotate(n=Count("pk"))
    for rater, purpose, state, n in rows:
        if purpose in (*KNOWN, Purpose.MAIN):
            kind = int(purpose in KNOWN)
            given[kind, raters[rater]] += n
            passed[kind, raters[rater]] += n if state == State.SKIPPED else 0
    return Skipping(*passed, *given)


def skipped_rows(rater: Rater) -> list[dict[str, str]]:
    """The gold items and checks that the rater passed on, with why; at most `MOST_SHOWN`."""
    rows = Skip.objects.filter(rater=rater, task__purpose__in=KNOWN).order_by("at", "pk")
    columns = ("task__stage", "item__ref", "task__purpose", "reason")
    names = ("stage", "item", "purpose", "reason")
    return [dict(zip(names, row, strict=True)) for row in rows.values_list(*columns)[:MOST_SHOWN]]
