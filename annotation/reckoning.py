"""Reckoning what a rater is still to be asked beside their tasks, so that no total tells it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from annotation.beside import REPEATED_AFTER, Pace, paces_of
from annotation.choices import Purpose
from annotation.models import Assignment, Rater, Task
from annotation.ranks import seed_of
from studies.models import Study

State = Assignment.State


def beside_ahead(*, study: Study, stage: str, role: str, rater: Rater, waiting: int) -> int:
    """Gold, checks and repeats among so many tasks that wait, and those they did and hold.

    None where nothing waits. Costs nothing where the stage asks nothing beside; else a query, and
    one for each kind.
    """
    section: Mapping[str, Any] = (study.document.get("stages") or {}).get(stage) or {}
    paces = paces_of(section, role)
    if not (paces and waiting):
        return 0
    given, done = _history(stage, role, rater)
    # The last of what waits is followed by nothing.
    last = done + waiting - 1
    ahead = 0
    for pace in paces:
        had, most = given[pace.purpose], _most(study, stage, section, pace, last)
        seed = seed_of(study, stage)
        due = pace.still_due(given=had, done=last, seed=seed, rater=rater)
        ahead += max(0, min(due, most - had))
    return ahead


def _history(stage: str, role: str, rater: Rater) -> tuple[Counter[str], int]:
    """Places they had by purpose, and how many of purpose main they filled or hold."""
    places = Assignment.objects.filter(rater=rater, stage=stage, role=role).order_by()
    given: Counter[str] = Counter()
    done = 0
    for purpose, state, n in places.values_list("purpose", "state").annotate(n=Count("pk")):
        given[purpose] += n
        is_theirs = state in (*Assignment.FILLED, State.LEASED)
        done += n if purpose == Purpose.MAIN and is_theirs else 0
    return given, done


def _most(study: Study, stage: str, section: Mapping[str, Any], pace: Pace, tasks: int) -> int:
    """More there are not: tasks with known answers, or tasks old enough to be repeated."""
    if pace.purpose == Purpose.REPEAT:
        return tasks - int(section["repeats"].get("after", REPEATED_AFTER))
    return Task.objects.filter(study=study, stage=stage, purpose=pace.purpose).count()
