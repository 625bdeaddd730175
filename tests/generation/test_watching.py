"""How a run goes, read from the rows of its jobs and calls."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from generation.watching import lasting, watch
from llm.actions.endpoints import baseline_endpoint
from llm.models import Budget, Call, Reservation
from llm.queries import Spending
from work.actions.lanes import close_lane
from work.models import Job, Lane, Run
from work.queue import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    return Run.objects.create(scope="study:alps", kind="extraction")


def job(run: Run, **fields: Any) -> Job:
    number = {"n": Job.objects.count()}
    made = enqueue(kind=run.kind, key=number, payload=number, scope=run.scope, run=run)
    Job.objects.filter(pk=made.pk).update(**fields)
    return made


def call(job: Job, **fields: Any) -> Call:
    whole = {"model_asked": "m", "scope": job.scope, "attempt": 1, **fields}
    return Call.objects.create(
        endpoint=baseline_endpoint(), job_id=job.pk, purpose=job.kind, **whole
    )


@pytest.mark.parametrize(
    ("state", "jobs", "standing"),
    [
        ("planned", ["held"], "planned"),
        ("running", ["ready", "done", "held"], "running"),
        ("running", ["held", "done"], "held"),
        ("running", ["done", "dead", "cancelled"], "finished"),
        ("running", [], "finished"),
        ("paused", ["held"], "paused"),
        ("cancelled", ["cancelled"], "cancelled"),
    ],
)
def test_run_stands(run: Run, state: str, jobs: list[str], standing: str) -> None:
    for one in jobs:
        job(run, state=one)
    run.state = state

    assert watch(run).standing == standing


def test_rate_is_that_of_the_last_minute(run: Run) -> None:
    now = timezone.now()
    for seconds in (1, 30, 90):
        job(run, state="done", finished_at=now - timedelta(seconds=seconds))
    for _ in range(4):
        job(run)

    seen = watch(run)

    assert (seen.per_minute, seen.left, seen.seconds_left) == (2, 4, 120)


def test_time_left_is_not_known_where_nothing_was_done(run: Run) -> None:
    job(run)

    assert watch(run).seconds_left is None


def test_young_run_is_rated_by_its_own_time(run: Run) -> None:
    now = timezone.now()
    Run.objects.update(started_at=now - timedelta(seconds=30))
    run.refresh_from_db()
    for _ in range(100):
        job(run, state="done", finished_at=now)
    job(run)

    assert 100 < watch(run).per_minute <= 200  # some time passes until the look


def test_first_seconds_are_not_overrated(run: Run) -> None:
    Run.objects.update(started_at=timezone.now())
    run.refresh_from_db()
    job(run, state="done", finished_at=timezone.now())

    assert watch(run).per_minute <= 12


def test_time_left_is_not_known_where_jobs_are_held(run: Run) -> None:
    job(run)
    job(run, state="done", finished_at=timezone.now())
    job(run, state="held", last_error="held: spent")

    assert (watch(run).per_minute, watch(run).seconds_left) == (1, None)


def test_what_failed_before_a_pause_is_not_held_for_it(run: Run) -> None:
    job(run, state="held", last_error="HTTP 503")
    job(run, state="held", last_error="held: spent")
    run.state = Run.State.PAUSED

    assert watch(run).held == {"held: spent": 1}


def test_spent_and_reserved_are_those_of_the_runs_calls(run: Run) -> None:
    own, others = job(run), job(Run.objects.create(scope="study:alps", kind="judge"))
    first = call(own, state="ok", cost=1, prompt_tokens=10, completion_tokens=2)
    call(own, attempt=2, state="error", prompt_tokens=5, completion_tokens=0)
    call(own, attempt=3, state="ok", cost=0, reuses=first)
    opened = call(own, attempt=4, state="sent")
    call(others, state="ok", cost=100)
    for scope in ("study:alps", "endpoint:e"):  # the same sum in both
        budget = Budget.objects.create(scope=scope)
        Reservation.objects.create(call=opened, budget=budget, cost=3)

    assert watch(run).spending == Spending(
        calls=3,
        open=1,
        wasted=1,
        reused=1,
        prompt_tokens=15,
        completion_tokens=2,
        cost=Decimal(1),
        reserved=Decimal(3),
        unpriced=1,
    )


def test_reasons_for_holding_are_counted(run: Run) -> None:
    for reason in ("held: spent", "held: spent", "", "quota"):
        job(run, state="held", last_error=reason)

    assert watch(run).held == {"held: spent": 2, "quota": 1}


def test_closed_lanes_are_those_that_waiting_jobs_need(run: Run) -> None:
    later = timezone.now() + timedelta(minutes=1)
    for name, until in (("endpoint:a", later), ("endpoint:b", None), ("endpoint:c", later)):
        Lane.objects.create(name=name, closed_until=until, reason="rate_limited")
    job(run, lane="endpoint:a")
    job(run, lane="endpoint:b")
    job(run, lane="endpoint:c", state="done")

    assert [(one.lane, one.reason) for one in watch(run).closed] == [("endpoint:a", "rate_limited")]
    assert not watch(run).closed[0].needs_somebody


def test_lane_without_an_end_needs_somebody(run: Run) -> None:
    job(run, lane="endpoint:a")
    close_lane(lane="endpoint:a", seconds=None, reason="auth")

    assert watch(run).closed[0].needs_somebody


@pytest.mark.parametrize(
    ("seconds", "words"), [(7.6, "8 s"), (119, "119 s"), (150, "2 min"), (7500, "2 h 5 min")]
)
def test_time_is_told_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
