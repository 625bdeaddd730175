"""What sets machines to work by themselves for what participants share and write."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from generation.actions.runs import title_of
from generation.automatic import automatic_endpoint, new_plans, people_to_ask_about, stages_of
from generation.stages import RESPONSE, STAGES
from llm.models import Endpoint
from studies.models import Participant, Study
from work import queue
from work.actions.runs import make_run
from work.models import Run

AUTOMATIC = "plan_automatic"
FIRST = 3
"""The priority of jobs for which somebody waits; runs that researchers start come behind."""


def plan_automatic(at: datetime) -> None:
    """Enqueue what is new in every open study; done twice it is done once."""
    for study in Study.objects.filter(state=Study.State.OPEN, document__has_key="automatic"):
        for stage in STAGES:
            if stage in stages_of(study):
                for participant in people_to_ask_about(study, stage):
                    plan_for(participant=participant, stage=stage)


def plan_for(*, participant: Participant, stage: str) -> int:
    """Enqueue what machines were not asked about the person at a stage; the number of jobs."""
    plans = new_plans(participant, stage)
    endpoint = automatic_endpoint(participant.study, stage) if plans else None
    if endpoint is None:
        return 0
    with transaction.atomic():
        run = _standing_run(participant.study, stage, endpoint)
        queue.enqueue_many([replace(plan, run=run, priority=FIRST) for plan in plans])
    return len(plans)


def plan_responses(*, study: Study, attributes: Iterable[UUID]) -> None:
    """The same of the people whose attributes were just chosen or not: a strategy may be ready."""
    if RESPONSE in stages_of(study):
        people = Participant.objects.filter(attributes__in=list(attributes)).distinct()
        for participant in people.select_related("study"):
            plan_for(participant=participant, stage=RESPONSE)


def _standing_run(study: Study, stage: str, endpoint: Endpoint) -> Run:
    """One run per study, stage and model holds all that began by itself, until it is cancelled."""
    plan = {"stage": stage, "endpoint": endpoint.name, "model": endpoint.model, "automatic": True}
    runs = Run.objects.exclude(state=Run.State.CANCELLED)
    found = runs.filter(scope=study.scope, kind=stage, plan=plan).first()
    title = f"{title_of(stage, endpoint)}, as people share"[:200]
    return found or make_run(scope=study.scope, kind=stage, title=title, plan=plan)
