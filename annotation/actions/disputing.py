"""Noticing within seconds that answers are complete, so that disagreement is acted on."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils.dateparse import parse_datetime

from annotation.actions.disputes import Outcome, settle_disputes
from annotation.choices import Purpose, Stage
from annotation.digests import sha256_of
from annotation.models import Assignment, DisputeMark, Rater, Task
from annotation.querysets import AssignmentQuerySet
from studies.models import Study
from work.queue import enqueue

DISPUTES = "settle_disputes"
SLACK = timedelta(seconds=30)
"""What was finished a moment ago may have become visible after what was finished later."""
PRIORITY = 3
RULES = ["adaptive", "adjudication"]
"""Keys of a stage's section."""


def plan_disputes(at: datetime) -> None:
    """Enqueue a look at what was finished since the last one, per study and stage with such rules.

    Done twice it is done once. Submitting waits for nothing of it.
    """
    declares = [Q(**{f"document__stages__{stage}__has_any_keys": RULES}) for stage in Stage.values]
    for study in Study.objects.filter(reduce(or_, declares), state=Study.State.OPEN):
        for stage in Stage.values:
            if rules := _rules(study, stage):
                _plan(study, stage, sha256_of(rules))


def plan_dispute_of(task: Task, job: UUID) -> None:
    """Enqueue a look at a task that a judge has just answered, where that may matter."""
    adjudication = _rules(task.study, task.stage).get("adjudication") or {}
    if task.purpose == Purpose.MAIN and "people_against_judges" in adjudication.get("rules", ()):
        payload = {"study": str(task.study_id), "stage": task.stage, "task": str(task.pk)}
        _enqueue(task.study, payload, {**payload, "after": str(job)})


def look_again_at(place: Assignment, because: UUID) -> None:
    """Enqueue another look at a task in which somebody changed their answers.

    `because` is the judgment that did. No query where the stage has no such rules.
    """
    if place.purpose == Purpose.MAIN:
        _look_again(place, place.task_id, str(because))


def look_again_for_experts(places: Iterable[Assignment]) -> None:
    """Enqueue another look at what experts were to decide who gave their places back.

    No query for any other place.
    """
    for place in places:
        if place.purpose == Purpose.ADJUDICATION:
            decided = Task.objects.filter(
                study=place.study_id, ref=place.task.extra.get("decides", "")
            )
            for task in decided.values_list("pk", flat=True):
                _look_again(place, task, f"{place.pk} {place.fence}")


def _look_again(place: Assignment, task: UUID, because: str) -> None:
    if _rules(place.study, place.stage):
        payload = {"study": str(place.study_id), "stage": place.stage, "task": str(task)}
        _enqueue(place.study, payload, {**payload, "again": because})


def look_again_at_all_of(rater: Rater, because: str) -> None:
    """Enqueue another look at what a rater answered, whose answers count now, or no more."""
    for stage in Stage.values:
        if _rules(rater.study, stage):
            payload = {"study": str(rater.study_id), "stage": stage, "rater": str(rater.pk)}
            _enqueue(rater.study, payload, {**payload, "again": because})


def settle_planned(study: Study, payload: Mapping[str, Any]) -> Outcome:
    """Do what was planned."""
    if "task" in payload:
        tasks: Any = [UUID(payload["task"])]
    else:
        places = _answered(study, payload) if "rater" in payload else _finished(study, payload)
        tasks = places.values_list("task_id", flat=True).distinct()
    return settle_disputes(study=study, stage=payload["stage"], tasks=tasks)


def _rules(study: Study, stage: str) -> dict[str, Any]:
    section = (study.document.get("stages") or {}).get(stage) or {}
    return {key: section[key] for key in RULES if section.get(key)}


def _plan(study: Study, stage: str, rules: str) -> None:
    done = Assignment.objects.filter(study=study, stage=stage, state=Assignment.State.DONE)
    mark = DisputeMark.objects.filter(study=study, stage=stage, rules=rules).first()
    since = mark.until - SLACK if mark else None
    until, seen = _latest(done, since)
    if until is None or (mark and (mark.until, mark.seen) == (until, seen)):
        return
    payload = {
        "study": str(study.pk),
        "stage": stage,
        "since": since.isoformat() if since else None,
        "until": until.isoformat(),
    }
    _enqueue(study, payload, {**payload, "rules": rules, "seen": seen})
    _until, last = _latest(done, until - SLACK)
    DisputeMark.objects.update_or_create(
        study=study, stage=stage, defaults={"rules": rules, "until": until, "seen": last}
    )


def _latest(done: AssignmentQuerySet, since: datetime | None) -> tuple[datetime | None, int]:
    """When the last place was finished, and how many were; of all, or only of later ones.

    Counted, as one may become visible when nothing later does.
    """
    places = done.filter(finished_at__gt=since) if since else done
    found = places.aggregate(latest=Max("finished_at"), n=Count("pk"))
    return found["latest"], found["n"]


def _enqueue(study: Study, payload: dict[str, Any], key: dict[str, Any]) -> None:
    enqueue(kind=DISPUTES, key=key, payload=payload, scope=study.scope, priority=PRIORITY)


def _answered(study: Study, payload: Mapping[str, Any]) -> Any:
    """Places of purpose main that the rater whom the payload names has finished."""
    return Assignment.objects.filter(
        study=study,
        rater=payload["rater"],
        stage=payload["stage"],
        state=Assignment.State.DONE,
        purpose=Purpose.MAIN,
    )


def _finished(study: Study, payload: Mapping[str, Any]) -> Any:
    """Places of purpose main that were finished in the time that the payload names."""
    places = Assignment.objects.filter(
        study=study,
        stage=payload["stage"],
        state=Assignment.State.DONE,
        purpose=Purpose.MAIN,
        finished_at__lte=parse_datetime(payload["until"]),
    )
    since = payload["since"]
    return places.filter(finished_at__gt=parse_datetime(since)) if since else places
