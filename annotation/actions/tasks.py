"""Opening tasks: items, screens and places for everything that nobody was asked about yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Max

from annotation.actions.known import KNOWN, has_known, open_known
from annotation.actions.rubrics import freeze_rubrics
from annotation.choices import Stage
from annotation.digests import sha256_of
from annotation.models import Assignment, Item, Task, TaskItem
from annotation.places import new_places
from annotation.ranks import Drawing
from annotation.stages.registry import STAGES
from annotation.stages.stage import Draft
from generation.actions.automatic import FIRST
from generation.owning import ATTRIBUTES, PROMPTS
from studies.models import Part, Study
from work.models import Job
from work.queue import enqueue

OPENING = "open_tasks"
LOOK_BACK = timedelta(days=2)
TASKS_AT_A_TIME = 500
DEFAULT_OVERLAP = {"peer": 3}


@transaction.atomic
def open_tasks(*, study: Study, stage: str) -> int:
    """Make tasks for what has none yet; the number made. Twice is the same as once.

    Opening is serialized by the study's row.
    """
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    section = stage_section(study, stage)
    if section is None:
        return 0
    # First, so that what has a known answer is not asked for its own sake.
    open_known(study=study, stage=stage, section=section)
    opened = 0
    drawing: Drawing | None = None
    drafts = STAGES[stage].drafts(study, section)
    while waiting := list(islice(drafts, TASKS_AT_A_TIME)):
        drawing = drawing or Drawing(study, stage, section)
        _save(waiting, overlap_of(section), drawing.ranks(waiting))
        opened += len(waiting)
    return opened


def open_all_tasks(*, study: Study) -> dict[str, int]:
    """`open_tasks` for each stage; the numbers by stage."""
    return {stage.value: open_tasks(study=study, stage=stage) for stage in Stage}


def apply_stages(study: Study, document: Mapping[str, Any]) -> None:
    """Take up a document's stages: freeze their rubrics, open what they say is known."""
    freeze_rubrics(study, document)
    stages = document["stages"]
    known = {name: {key: (stages[name] or {}).get(key) for key in KNOWN} for name in stages}
    if has_known(study) or any(value for section in known.values() for value in section.values()):
        plan_opening(study, known=sha256_of(known), after=_last_opening(study))


def _last_opening(study: Study) -> str:
    """Job that opened tasks last: what is taken out and then named again is opened again."""
    done = Job.objects.filter(kind=OPENING, scope=study.scope, state=Job.State.DONE)
    return str(done.order_by("-finished_at").values_list("pk", flat=True).first())


def plan_opening(study: Study, **because: str) -> None:
    """Have tasks opened soon; for the same reason once."""
    payload = {"study": str(study.pk)}
    key = {**payload, **because}
    enqueue(kind=OPENING, key=key, payload=payload, scope=study.scope, priority=FIRST)


def plan_openings(at: datetime) -> None:
    """Enqueue opening for each study in which something was proposed since the last time.

    Generation can't do it itself: tasks stand a floor above it. Done twice it is done once.
    """
    recent = Job.objects.filter(created_at__gt=at - LOOK_BACK)
    opened = dict(recent.filter(kind=OPENING).values_list("scope").annotate(last=Max("created_at")))
    for scope, last in _latest_proposals(at - LOOK_BACK).items():
        study = Study.objects.filter(slug=scope.removeprefix("study:")).first()
        if study and (scope not in opened or opened[scope] < last):
            plan_opening(study, until=last.isoformat())


def _latest_proposals(since: datetime) -> dict[str, datetime]:
    """By a study's scope: when machines delivered, or owners wrote, the latest thing in it."""
    done = Job.objects.filter(kind__in=Stage.values, state=Job.State.DONE, created_at__gt=since)
    latest = dict(done.values_list("scope").annotate(last=Max("finished_at")).order_by())
    written = Part.objects.filter(name__in=[ATTRIBUTES, PROMPTS], finished_at__gt=since)
    ends = written.values_list("participant__study__slug").annotate(last=Max("finished_at"))
    for slug, last in ends.order_by():
        scope = f"study:{slug}"
        latest[scope] = max(last, latest.get(scope, last))
    return latest


def stage_section(study: Study, stage: str) -> Mapping[str, Any] | None:
    """The stage's part of the study document; None where the study leaves the stage out."""
    stages = study.document.get("stages") or {}
    return (stages[stage] or {}) if stage in stages else None


def overlap_of(section: Mapping[str, Any]) -> dict[str, int]:
    """How many places a task has per role."""
    return dict(section.get("overlap") or DEFAULT_OVERLAP)


def _save(drafts: Sequence[Draft], overlap: Mapping[str, int], ranks: Sequence[int]) -> None:
    Item.objects.bulk_create([item for draft in drafts for item in draft.items])
    Task.objects.bulk_create([draft.task for draft in drafts])
    TaskItem.objects.bulk_create(
        [
            TaskItem(task=draft.task, item=item, position=position)
            for draft in drafts
            for position, item in enumerate(draft.items)
        ]
    )
    Assignment.objects.bulk_create(
        [
            place
            for draft, first in zip(drafts, ranks, strict=True)
            for role, count in overlap.items()
            for place in new_places(task=draft.task, role=role, count=count, first=first)
        ]
    )
