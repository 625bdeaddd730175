"""Workers for tests: do what is enqueued, in this thread, until nothing is left."""

from typing import Any

from django.db.models.functions import Now

from bench.fakellm.server import FakeLlm
from generation.actions.runs import plan_run
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.models import Endpoint
from studies.models import Study
from work import queue
from work.execution import execute
from work.models import Job, Lane, Run
from work.queries import Progress, progress_of_run


def work_off() -> None:
    """Do every job; one that waits for another attempt, or for its lane, is not kept waiting."""
    while Job.objects.unfinished().exists():
        Job.objects.filter(state=Job.State.READY).update(run_after=Now())
        Lane.objects.update(closed_until=None)
        claim = queue.claim("test")
        assert claim is not None
        execute(claim)


def done(run: Run) -> Progress:
    """The run, worked off."""
    work_off()
    return progress_of_run(run)


def run_stage(study: Study, stage: str, endpoint: Endpoint | None = None) -> Progress:
    """Plan a stage and do it, by the baseline unless told otherwise."""
    run = plan_run(study=study, stage=stage, endpoint=endpoint or baseline_endpoint(), by="test")
    return done(run)


def served(server: FakeLlm, **fields: Any) -> Endpoint:
    """The endpoint of a server."""
    return ensure_endpoint(
        name="fake", base_url=server.url, model="fake-model", key_name="LLM_API_KEY", **fields
    )
