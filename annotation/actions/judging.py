"""Setting judges to work: a job per task, order and sample."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from annotation.actions.tasks import open_tasks, stage_section
from annotation.choices import Purpose
from annotation.judges import PROFILE, JudgeSpec, judge_named
from annotation.models import Item, Task, TaskItem
from annotation.rubric_versions import rubric_of
from annotation.rubrics.document import Rubric
from collection.endpoints import endpoint_for
from generation.actions.runs import start_new, what_is_asked
from generation.allowed import of_the_allowed
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan
from work.models import Run

ASKED_OF_PEOPLE = (Purpose.REPEAT, Purpose.ADJUDICATION)
"""Tasks whose items a judge is asked about in another task already."""
JUDGE = "judge"
"""What its jobs and runs are called in the queue."""


@dataclass(frozen=True)
class Content:
    """What a task asks about, as far as planning needs it."""

    digests: list[str]
    has_sides: bool


def plan_judging(*, study: Study, stage: str, judge_name: str, by: str, starts: bool = True) -> Run:
    """Enqueue what a judge of the study was not asked yet, opening tasks that are due.

    Its run keeps the judge as the document described it. With `starts=False` nothing is asked
    until somebody starts the run, whose price is worked out. Raises ValidationError if there is no
    such stage or judge, or nothing to judge.
    """
    if stage_section(study, stage) is None:
        raise ValidationError(f"The study has no stage “{stage}”.")
    spec = judge_named(study, judge_name)
    endpoint = endpoint_for(study, spec.endpoint)
    open_tasks(study=study, stage=stage)
    plans = list(_plans(study, stage, spec, endpoint))
    if not plans:
        raise ValidationError(f"There is nothing that {judge_name} could judge at this stage.")
    plan = {
        "stage": stage,
        "judge": spec.model_dump(),
        **what_is_asked(endpoint, plans),
    }
    title = f"{stage} judged by {spec.name} ({endpoint.model})"
    return start_new(
        study=study, kind=JUDGE, title=title, plan=plan, plans=plans, by=by, starts=starts
    )


def _plans(study: Study, stage: str, spec: JudgeSpec, endpoint: Endpoint) -> Iterator[Plan]:
    rubric = rubric_of(study, stage)
    if not _asks_models(rubric):
        raise ValidationError("The rubric of this stage asks nothing of models.")
    contents = _contents(study, stage)
    allowed = _tasks(study, stage, endpoint)
    depends_on = {
        "judge": spec.model_dump(exclude={"samples", "orders"}),
        "model": endpoint.model,
        "parameters": endpoint.extra_params,
        "prompt_version": spec.prompt_file(stage).version,
        "rubric_version": rubric.version,
    }
    for task, subject in allowed:
        if task not in contents:
            continue  # nothing in it may be remembered
        if spec.arm == PROFILE and subject is None:
            continue  # there is nobody to know anything about
        for is_swapped in _orders(contents[task], spec):
            for sample in range(spec.samples):
                payload = {
                    "task": str(task),
                    "endpoint": str(endpoint.pk),
                    "is_swapped": is_swapped,
                    "sample": sample,
                }
                key = {**payload, **depends_on, "contents": contents[task].digests}
                yield Plan(JUDGE, key, payload, study.scope, subject=subject, lane=endpoint.lane)


def _asks_models(rubric: Rubric) -> bool:
    return any(question.is_asked_of("llm") for question in rubric.questions)


def _tasks(study: Study, stage: str, endpoint: Endpoint) -> list[tuple[UUID, UUID | None]]:
    """Tasks with the person each is about, where that person allowed the endpoint."""
    rows = Task.objects.filter(of_the_allowed(endpoint, "subject"), study=study, stage=stage)
    rows = rows.exclude(purpose__in=ASKED_OF_PEOPLE)
    return list(rows.exclude(task_items=None).order_by("ref").values_list("pk", "subject_id"))


def _contents(study: Study, stage: str) -> dict[Any, Content]:
    """By task; two queries."""
    items = Item.objects.remembered().filter(study=study, stage=stage)
    columns = items.values_list("pk", "content_digest", "second_id")
    known = {pk: (digest, second is not None) for pk, digest, second in columns.iterator()}
    rows = TaskItem.objects.filter(task__study=study, task__stage=stage)
    digests: dict[Any, list[str]] = defaultdict(list)
    sided: set[Any] = set()
    for task, item in rows.order_by("position").values_list("task_id", "item_id").iterator():
        if item in known:
            digest, has_sides = known[item]
            digests[task].append(digest)
            sided |= {task} if has_sides else set()
    return {task: Content(found, task in sided) for task, found in digests.items()}


def _orders(content: Content, spec: JudgeSpec) -> list[bool]:
    """Only two responses have sides to be swapped; one side is drawn by the content's digest."""
    if not content.has_sides or spec.orders == "given":
        return [False]
    drawn = int(content.digests[0][-1], 16) % 2 == 1
    return [False, True] if spec.orders == "both" else [drawn]
