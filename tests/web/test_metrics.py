"""`/metrics`: figures from the database, for a monitor and for nobody else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from llm.actions.endpoints import ensure_endpoint
from llm.models import Budget, Call, Endpoint, EndpointHealth
from web.metrics import as_text
from work import queue
from work.claims import Plan
from work.models import Job, Lane, Run, WorkerHeartbeat

pytestmark = pytest.mark.django_db

TOKEN = "a-token-that-nobody-guesses-in-a-lifetime"


def figures() -> dict[tuple[str, ...], float]:
    """Every figure by its name, less the prefix, and the values of its labels by their names."""
    families = text_string_to_metric_families(as_text().decode())
    return {
        (sample.name.removeprefix("firsthand_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def endpoint() -> Endpoint:
    """One that is in trouble."""
    made = ensure_endpoint(name="fake", base_url="http://127.0.0.1:9/v1", model="m")
    EndpointHealth.objects.update_or_create(endpoint=made, defaults={"circuit": "open"})
    return made


def called(endpoint: Endpoint, **fields: Any) -> Call:
    """A call in the ledger."""
    known = {"scope": "study:alps", "purpose": "judge", "model_asked": "m", "state": "ok"}
    return Call.objects.create(endpoint=endpoint, **(known | fields))


# -- Who may read them ---------------------------------------------------------


def test_metrics_are_for_this_machine_alone(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", f"Bearer {TOKEN}x", f"Token {TOKEN}", "Bearer ä"])
def test_metrics_want_the_token_where_there_is_one(
    client: Client, settings: Any, given: str
) -> None:
    settings.METRICS_TOKEN = TOKEN

    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_token_opens_the_metrics_from_anywhere(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": f"Bearer {TOKEN}"}

    answer = client.get("/metrics", headers=headers, REMOTE_ADDR="192.0.2.7")

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/plain")


# -- What they say -------------------------------------------------------------


def test_finished_runs_are_not_counted_as_running() -> None:
    run = Run.objects.create(scope="s", kind="judge", title="t", state="running")
    job = queue.enqueue(kind="judge", key={}, payload={}, scope="s", run=run)
    before = figures()

    Job.objects.filter(pk=job.pk).update(state="done")

    assert before["runs", "running"] == figures()["runs", "finished"] == 1
    assert ("runs", "running") not in figures()


def test_jobs_are_counted_with_what_is_late() -> None:
    run = Run.objects.create(scope="s", kind="judge", title="t", state="planned")
    queue.enqueue_many([Plan("judge", {"n": n}, {}, "s") for n in range(3)])
    queue.enqueue(kind="extraction", key={"n": 1}, payload={}, scope="s", run=run)
    Job.objects.filter(kind="judge").update(run_after=Now() - timedelta(seconds=90))
    queue.claim("w1")
    Job.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))
    WorkerHeartbeat.objects.create(owner="w1", role="worker", at=Now())
    WorkerHeartbeat.objects.create(owner="w0", role="worker", at=Now() - timedelta(hours=1))

    found = figures()

    assert (found["jobs", "judge", "ready"], found["jobs", "judge", "leased"]) == (2, 1)
    assert (found["jobs", "extraction", "held"], found["runs", "planned"]) == (1, 1)
    assert 90 <= found["oldest_due_job_seconds",] < 150
    assert (found["leases_overdue",], found["workers_alive", "worker"]) == (1, 1)


def test_lanes_say_who_is_in_them(endpoint: Endpoint) -> None:
    Lane.objects.update_or_create(
        name=endpoint.lane, defaults={"limit": 4, "closed_until": Now() + timedelta(hours=1)}
    )

    found = figures()

    values = [found[name, "endpoint:fake"] for name in ("lane_limit", "lane_held", "lane_closed")]
    assert values == [4, 0, 1]


def test_calls_are_summed_by_endpoint_and_outcome(endpoint: Endpoint) -> None:
    paid = called(endpoint, outcome="ok", prompt_tokens=10, completion_tokens=2, cost=Decimal("1"))
    called(endpoint, outcome="ok", prompt_tokens=5, completion_tokens=1, cost=Decimal("0.5"))
    called(endpoint, outcome="timeout", state="error")
    called(endpoint, outcome="ok", reuses=paid)

    found = figures()

    fine = ("fake", "ok", "ok")
    names = ("calls_total", "prompt_tokens_total", "completion_tokens_total", "cost_total")
    assert [found[name, *fine] for name in names] == [2, 15, 3, 1.5]
    assert found["calls_total", "fake", "timeout", "error"] == 1
    assert found["calls_reused_total", "fake"] == 1
    assert [found["circuit", "fake", state] for state in ("closed", "open")] == [0, 1]


def test_budgets_name_no_participant(endpoint: Endpoint) -> None:
    one, other = uuid4(), uuid4()
    for person in (one, other):
        Budget.objects.create(scope=f"participant:{person}", max_cost=2, spent=Decimal("0.5"))
    Budget.objects.create(scope="study:alps", max_calls=100, calls=7)
    Budget.objects.create(scope=f"endpoint:{endpoint.pk}", max_cost=9, reserved=1)

    found = figures()

    assert str(one) not in as_text().decode()
    assert (found["budget_spent", "participants"], found["budget_max_cost", "participants"]) == (
        1,
        4,
    )
    assert (found["budget_calls", "study:alps"], found["budget_max_calls", "study:alps"]) == (
        7,
        100,
    )
    assert found["budget_reserved", "endpoint:fake"] == 1
    assert ("budget_max_cost", "study:alps") not in found


def test_number_of_queries_does_not_grow(
    endpoint: Endpoint, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        called(endpoint, outcome=f"o{number}")
        Lane.objects.get_or_create(name=f"lane{number}")
        Budget.objects.create(scope=f"study:{number}")
        queue.enqueue(kind=f"k{number}", key={"n": number}, payload={}, scope="s")

    with django_assert_num_queries(13):
        as_text()
