"""Promises about calls and budgets, each broken by hand and noticed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from llm import invariants
from llm.actions.endpoints import baseline_endpoint
from llm.models import Budget, Call
from work.models import Job, JobResult
from work.queue import enqueue

pytestmark = pytest.mark.django_db


def job(attempt: int = 1, outcome: str = "ok") -> Job:
    made = enqueue(kind="k", key={"n": Job.objects.count()}, payload={}, scope="study:alps")
    Job.objects.filter(pk=made.pk).update(state="done", attempt=attempt)
    JobResult.objects.create(job=made, attempt=attempt, outcome=outcome)
    return made


def call(job: Job, **fields: Any) -> Call:
    whole = {"attempt": 1, "state": "ok", "model_asked": "m", "scope": "study:alps", **fields}
    return Call.objects.create(
        endpoint=baseline_endpoint(), job_id=job.pk, purpose="judge", **whole
    )


def broken() -> dict[str, tuple[str, ...]]:
    return {check.name: check.broken for check in invariants.checks() if not check.holds}


def test_promises_hold_where_work_went_well() -> None:
    call(job())
    adopted = job(attempt=2)
    call(adopted, state="ok", adopted_by=2)
    salvaged = job()
    call(salvaged, state="error", outcome="invalid_value")
    job()  # asked nothing
    call(job(attempt=2, outcome="gone"), state="unknown")

    assert broken() == {}


@pytest.mark.parametrize("fields", [{"state": "late"}, {"state": "unknown"}, {"attempt": 2}])
def test_result_without_an_answer_is_noticed(fields: dict[str, Any]) -> None:
    done = job()
    call(done, **fields)

    assert broken() == {"I3": (str(done.pk),)}


def test_call_left_open_without_a_holder_is_noticed() -> None:
    left = call(job(), state="sent")
    live = job()
    Job.objects.filter(pk=live.pk).update(state="leased", lease_until=Now())
    call(live, state="sent")
    assert "I6" not in broken()

    Call.objects.update(started_at=Now() - timedelta(hours=1))

    assert broken()["I6"] == (str(left.pk),)


def test_budget_that_holds_what_no_call_does_is_noticed() -> None:
    Budget.objects.create(scope="study:alps", max_cost=5, reserved=1)

    assert list(broken()) == ["I4"]
