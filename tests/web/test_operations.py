"""The operator's page: who may see it, what it shows, what can be done there."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from llm.models import Budget, Call, Endpoint, EndpointHealth
from studies.actions.members import add_member
from studies.models import Study, User
from tests.web.machines import make_job, make_run
from tests.web.pages import text_of
from work.models import Job, Lane, WorkerHeartbeat

ADDRESS = "/operations/"
HOUR = timedelta(hours=1)


@pytest.fixture
def operator(db: None) -> Client:
    """The browser of somebody who runs the site."""
    browser = Client()
    browser.force_login(User.objects.create_user("root", is_staff=True))
    return browser


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    """A model over HTTP."""
    return make_endpoint("large")


def make_endpoint(name: str) -> Endpoint:
    return Endpoint.objects.create(name=name, base_url="http://127.0.0.1:9/v1", model="m-1")


def broken(endpoint: Endpoint) -> None:
    """Leave the endpoint alone until a person looks."""
    EndpointHealth.objects.update_or_create(
        endpoint=endpoint, defaults={"circuit": "open", "reason": "auth"}
    )
    Lane.objects.update_or_create(
        pk=endpoint.lane, defaults={"closed_until": timezone.now() + HOUR, "reason": "auth"}
    )


@pytest.mark.parametrize("path", ["", "invariants/", "circuits/", "budgets/"])
def test_page_does_not_exist_for_those_who_run_no_site(researcher: Client, path: str) -> None:
    assert researcher.get(f"{ADDRESS}{path}").status_code in (404, 405)
    assert researcher.post(f"{ADDRESS}{path}").status_code in (404, 405)
    assert Client().get(ADDRESS)["Location"] == f"/accounts/login/?next={ADDRESS}"


def test_link_is_for_operators(operator: Client, researcher: Client) -> None:
    assert 'href="/operations/"' in text_of(operator.get("/studies/"))
    assert 'href="/operations/"' not in text_of(researcher.get("/studies/"))


def test_page_of_an_empty_site_says_what_is_missing(operator: Client) -> None:
    page = text_of(operator.get(ADDRESS))

    assert "Nothing waits, is in hand, held or given up." in page
    assert "Nothing will be done before one is started." in page
    assert "No model is set up" in page
    assert "No budget is set" in page


def test_page_shows_queues_and_leases_that_ran_out(operator: Client, study: Study) -> None:
    make_run(study, "ready", "ready", "held", "dead", "done")
    late = timezone.now() - HOUR
    make_job(study, "judge", state="leased", lease_until=late, lease_owner="worker@far:7")

    page = text_of(operator.get(ADDRESS))

    numbers = 'class="number">2</td>'
    assert numbers in page
    assert "worker@far:7" in page
    assert "an hour ago" in page


def test_what_is_not_let_go_is_told_from_what_is_held(operator: Client, study: Study) -> None:
    planned = make_run(study, "held", "held", state="planned", title="p")
    going = make_run(study, title="g")
    for _ in range(3):
        make_job(study, going.kind, going, state="held", last_error="held: spent")
    member = User.objects.get(username="root")
    add_member(study=study, user=member, role="viewer", by=None)

    page = text_of(operator.get(ADDRESS))

    cells = page[page.index(">extraction<") :].partition("</tr>")[0]
    assert re.findall(r">(\d+)</td>", cells) == ["0", "0", "2", "3", "0"]
    assert f'<a href="/studies/alps/runs/{planned.pk}/">p</a>' in page
    assert f'<a href="/studies/alps/runs/{going.pk}/">g</a>' in page
    assert "<strong>held</strong>: spent." in page


def test_runs_of_studies_that_an_operator_may_not_open_are_no_links(
    operator: Client, study: Study
) -> None:
    make_run(study, "held", state="paused", title="p")

    page = text_of(operator.get(ADDRESS))

    assert '<span class="wrap">p</span>' in page
    assert "/studies/alps/" not in page


def test_processes_that_only_helped_are_gone_when_silent(operator: Client) -> None:
    for role in ("command", "demo", "worker"):
        then = timezone.now() - HOUR
        WorkerHeartbeat.objects.create(owner=f"{role}@a:1", role=role, at=then)
    WorkerHeartbeat.objects.create(owner="command@a:2", role="command", at=timezone.now())

    page = text_of(operator.get(ADDRESS))

    shown = [
        name for name in ("command@a:1", "demo@a:1", "worker@a:1", "command@a:2") if name in page
    ]
    assert shown == ["worker@a:1", "command@a:2"]


def test_page_shows_who_is_alive(operator: Client) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.create(owner="worker@a:1", role="worker", at=now)
    WorkerHeartbeat.objects.create(owner="sweeper@a:2", role="sweeper", at=now - HOUR)

    page = text_of(operator.get(ADDRESS))

    assert page.index("worker@a:1") < page.index("alive") < page.index("sweeper@a:2")
    assert "<strong>silent</strong>" in page


def test_process_with_a_long_job_in_hand_is_not_called_silent(
    operator: Client, study: Study
) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.create(owner="celery@a:1", role="celery", at=now - timedelta(minutes=2))
    make_job(study, "judge", state="leased", lease_until=now + HOUR, lease_owner="celery@a:1/job-0")

    page = text_of(operator.get(ADDRESS))

    assert "celery@a:1" in page
    assert "<strong>silent</strong>" not in page


def test_page_shows_whether_the_broker_answers(
    operator: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.CACHES["default"], "LOCATION", "unix:///nowhere/broker.sock")

    page = text_of(operator.get(ADDRESS))

    assert "The broker does not answer. Nothing is lost" in page


def test_page_shows_how_endpoints_do(operator: Client, endpoint: Endpoint, study: Study) -> None:
    broken(endpoint)
    Lane.objects.update(limit=6)
    call = {"endpoint": endpoint, "scope": study.scope, "model_asked": "m-1", "purpose": "judge"}
    Call.objects.create(**call, state="ok")
    Call.objects.create(**call, state="error", http_status=429)

    page = text_of(operator.get(ADDRESS))

    assert "<strong>left alone</strong>" in page
    assert '<span class="small plain">auth</span>' in page
    row = page[page.index("0 / 6") :]
    assert row.index(">2<") < row.index(">1<")


def test_circuit_is_closed(operator: Client, endpoint: Endpoint) -> None:
    broken(endpoint)

    said = {"endpoint": str(endpoint.pk)}
    operator.post(f"{ADDRESS}circuits/", said)
    page = text_of(operator.post(f"{ADDRESS}circuits/", said, follow=True))  # changes nothing

    assert "The endpoint large is asked again." in page
    assert "left alone" not in page
    assert EndpointHealth.objects.get().circuit == "closed"


@pytest.mark.parametrize("name", ["", "no id", "00000000-0000-4000-8000-000000000000"])
def test_circuit_of_no_endpoint_is_404(operator: Client, name: str) -> None:
    assert operator.post(f"{ADDRESS}circuits/", {"endpoint": name}).status_code == 404


def test_budget_is_set_and_shown(operator: Client, study: Study) -> None:
    said = {"scope": study.scope, "max_calls": "100", "max_cost": "2.5"}

    page = text_of(operator.post(f"{ADDRESS}budgets/", said, follow=True))

    budget = Budget.objects.get()
    assert (budget.scope, budget.max_calls, budget.max_cost) == ("study:alps", 100, Decimal("2.5"))
    assert budget.set_by == "root"
    assert "the study alps" in page
    assert "0 / 100" in page


def test_budget_lets_go_what_was_held_for_want_of_it(operator: Client, study: Study) -> None:
    job = make_job(study, "extraction", state="held", last_error="held: all were put")

    Budget.objects.create(scope=study.scope, max_calls=1, calls=1)

    operator.post(f"{ADDRESS}budgets/", {"scope": study.scope, "max_calls": "2"})

    job.refresh_from_db()
    assert job.state == "ready"


@pytest.mark.parametrize(
    "said",
    [{}, {"scope": "study:nowhere"}, {"max_calls": "-1"}, {"max_calls": "1"}, {"max_cost": "x"}],
)
def test_budget_that_cannot_be_is_refused(
    operator: Client, study: Study, said: dict[str, str]
) -> None:
    Budget.objects.create(scope=study.scope, calls=2)
    whole = {} if not said else {"scope": study.scope, **said}

    response = operator.post(f"{ADDRESS}budgets/", whole)

    assert response.status_code == 422
    assert "errorlist" in text_of(response)
    assert Budget.objects.get().max_calls is None


def test_budgets_of_people_are_only_counted(operator: Client) -> None:
    Budget.objects.create(scope="participant:somebody-1", max_calls=1, calls=1)
    Budget.objects.create(scope="participant:somebody-2", max_calls=1)

    page = text_of(operator.get(ADDRESS))

    assert "2 participants have budgets of their own; 1 of them are spent." in page
    assert "somebody-" not in page


def test_nearly_spent_budgets_are_said(operator: Client, study: Study) -> None:
    Budget.objects.create(
        scope=study.scope, max_cost=10, spent=7, reserved=1, overrun=Decimal("0.2")
    )

    page = text_of(operator.get(ADDRESS))

    assert "nearly spent" in page
    assert "A server charged 0.20 beyond what could be foreseen." in page


def test_part_asks_again(operator: Client) -> None:
    part = text_of(operator.get(ADDRESS, headers={"HX-Request": "true"}))

    assert 'hx-trigger="every 5s"' in part
    assert "<html" not in part


def test_promises_are_looked_at(operator: Client, study: Study) -> None:
    holding = text_of(operator.get(f"{ADDRESS}invariants/"))
    job = make_job(study, "extraction", state="done")
    broken = text_of(operator.get(f"{ADDRESS}invariants/", headers={"HX-Request": "true"}))

    assert holding.count("holds") == 7
    assert broken.count("holds") == 6
    assert str(job.pk) in broken


def grow(study: Study, rows: int) -> None:
    """So many of everything."""
    for number in range(rows):
        name = f"e{rows}-{number}"
        broken(make_endpoint(name))
        make_run(study, "ready", "dead", kind=name)
        Budget.objects.create(scope=f"study:{name}", max_calls=3)
        WorkerHeartbeat.objects.create(owner=name, role="worker", at=timezone.now())
        Job.objects.filter(kind=name, state="ready").update(
            state="leased", lease_until=timezone.now() - HOUR
        )


def test_page_costs_the_same_for_1_and_30_rows(operator: Client, study: Study) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            operator.get(ADDRESS)
        return len(queries)

    grow(study, 1)
    cost()  # the first visit also notes the session
    one = cost()
    grow(study, 30)

    assert cost() == one
