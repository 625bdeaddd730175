"""Progress of a run, and who is alive."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from tests.work.conftest import Enqueue
from tests.work.test_queue import claimed, let_leases_end
from work import queue
from work.actions.runs import make_run
from work.claims import Plan
from work.errors import GiveUp
from work.liveness import beat, process_name, thread_name
from work.models import Job, Run, WorkerHeartbeat
from work.queries import (
    STANDINGS,
    Progress,
    living_workers,
    progress_of_run,
    progress_of_scope,
    standing_of,
    with_standing,
)

pytestmark = pytest.mark.django_db


def run_of(count: int) -> Run:
    """A run with so many jobs."""
    run = make_run(scope="study:alps", kind="echo", title="All", plan={"n": count})
    plans = [
        Plan("echo", {"n": n, "run": str(run.pk)}, {}, "study:alps", run=run) for n in range(count)
    ]
    queue.enqueue_many(plans)
    return run


def test_progress_counts_states_outcomes_and_failures() -> None:
    run = run_of(5)
    with queue.finishing(claimed(), "ok"):
        pass
    with queue.finishing(claimed(), "unusable"):
        pass
    queue.fail(claimed(), GiveUp("auth: HTTP 401"))
    claimed()

    expected = Progress(1, 1, 2, 1, 0, 0, {"ok": 1, "unusable": 1}, {"auth: HTTP 401": 1})
    assert progress_of_run(run) == progress_of_scope("study:alps", "echo") == expected
    assert (expected.total, expected.is_over) == (5, False)


MIXTURES: list[list[str]] = [
    [],
    ["done", "dead", "cancelled"],
    ["held", "done"],
    ["held", "ready"],
    ["leased", "dead"],
]


def test_runs_stand_the_same_in_a_query() -> None:
    for state in Run.State.values:
        for states in MIXTURES:
            run = run_of(len(states))
            Run.objects.filter(pk=run.pk).update(state=state)
            for job, now in zip(run.jobs.all(), states, strict=True):
                Job.objects.filter(pk=job.pk).update(
                    state=now, lease_until=Now() if now == "leased" else None
                )

    found = dict(with_standing(Run.objects.all()).values_list("pk", "standing"))

    expected = {run.pk: standing_of(run, progress_of_run(run)) for run in Run.objects.all()}
    assert found == expected
    assert set(found.values()) == set(STANDINGS)


@pytest.mark.parametrize("count", [1, 3])
def test_progress_takes_three_queries(count: int) -> None:
    run = run_of(count)

    with CaptureQueriesContext(connection) as queries:
        progress_of_run(run)

    assert len(queries) == 3


@pytest.mark.parametrize("role", ["worker", "celery"])
def test_living_workers_names_who_does_jobs(role: str) -> None:
    for one in (role, "sweeper", "command"):
        beat(one)

    assert list(living_workers()) == [process_name(role)]
    assert list(living_workers("sweeper")) == [process_name("sweeper")]


def test_living_workers_names_who_holds_a_long_job(enqueue: Enqueue) -> None:
    enqueue()
    beat("celery")
    claimed(thread_name("celery"))
    WorkerHeartbeat.objects.update(at=Now() - timedelta(minutes=2))
    assert list(living_workers()) == [process_name("celery")]

    let_leases_end()

    assert list(living_workers()) == []
