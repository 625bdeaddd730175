"""Runs over the API: planned, priced, started, stopped, watched and tried again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studies.models import Study
from tests.api.conftest import Caller, Program
from tests.samples import pairwise_study
from tests.web.machines import make_job, make_run
from work.models import Job, Revival, Run

ADDRESS = "/studies/alps/runs/"


@pytest.fixture
def study(db: None) -> Study:
    """With two prompts to respond to."""
    return pairwise_study(2)


def planned(caller: Program, **body: Any) -> dict[str, Any]:
    answer = caller.post(ADDRESS, {"kind": "response", "start": False, **body})
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def act(caller: Program, run: Run, name: str, body: Any = None) -> Any:
    return caller.post(f"{ADDRESS}{run.pk}/{name}/", body)


def test_a_run_that_does_not_start_is_priced(study: Study, program: Caller) -> None:
    run = planned(program(study))

    assert (run["state"], run["started_at"]) == ("planned", None)
    assert not run["progress"]["is_over"]
    assert run["estimate"]["jobs"] == run["progress"]["held"] == run["progress"]["total"]
    assert run["estimate"]["calls"]["expected"] >= run["estimate"]["jobs"] > 0
    assert run["plan"]["model"] == "baseline/rules"


def test_only_chosen_strategies_are_planned(study: Study, program: Caller) -> None:
    assert planned(program(study), strategies=["generic"])["plan"]["strategies"] == ["generic"]


@pytest.mark.parametrize(
    "body",
    [
        {"start": "no"},
        {"strategies": "generic"},
        {"strategies": [1]},
        {"strategies": ["nope"]},
        {"kind": "extraction", "strategies": ["generic"]},
    ],
)
def test_what_cannot_be_planned_is_refused(
    study: Study, program: Caller, body: dict[str, Any]
) -> None:
    assert program(study).post(ADDRESS, {"kind": "response", **body}).status_code == 422
    assert Run.objects.count() == 0


def test_a_run_is_started_paused_resumed_and_cancelled(study: Study, program: Caller) -> None:
    caller = program(study)
    run = Run.objects.get(pk=planned(caller)["id"])

    states = []
    for name in ("start", "start", "pause", "pause", "resume", "cancel", "cancel"):
        answer = act(caller, run, name)
        states.append((answer.status_code, answer.json()["state"]))

    running, paused, cancelled = [(200, state) for state in ("running", "paused", "cancelled")]
    assert states == [running, running, paused, paused, running, cancelled, cancelled]
    assert set(run.jobs.values_list("state", flat=True)) == {"cancelled"}


def test_what_cannot_be_done_is_422_with_a_sentence(study: Study, program: Caller) -> None:
    run = make_run(study, state="cancelled")

    answer = act(program(study), run, "start")

    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "Only a planned run can be started."


@pytest.mark.parametrize(
    ("body", "states"),
    [
        ({}, ["ready", "ready"]),
        ({"error": "no"}, ["ready", "dead"]),
        ({"job": "FIRST"}, ["ready", "dead"]),
        ({"error": "other"}, ["dead", "dead"]),
    ],
)
def test_what_failed_is_tried_again(
    study: Study, program: Caller, body: dict[str, str], states: list[str]
) -> None:
    run = make_run(study)
    jobs = [make_job(study, run.kind, run, state="dead", last_error=one) for one in ("no", "so")]
    given = {name: value.replace("FIRST", str(jobs[0].pk)) for name, value in body.items()}

    answer = act(program(study), run, "retry", {"reason": "mended", **given})

    assert answer.status_code == 200
    assert [Job.objects.get(pk=job.pk).state for job in jobs] == states
    assert set(Revival.objects.values_list("by", "reason")) <= {("ada", "mended")}


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "x", "job": "1"}, {"reason": "x", "all": True}, [], 5]
)
def test_trying_again_needs_a_reason(study: Study, program: Caller, body: Any) -> None:
    run = make_run(study, "dead")

    assert act(program(study), run, "retry", body).status_code == 422
    assert run.jobs.get().state == "dead"


@pytest.mark.parametrize("name", ["start", "pause", "resume", "cancel", "retry"])
def test_acts_are_for_managers(study: Study, program: Caller, name: str) -> None:
    run = make_run(study, "ready", state="planned")

    for scope, role in (("read", "manager"), ("manage", "viewer")):
        answer = act(program(study, scope, role, name=f"{scope}-{role}"), run, name)
        assert answer.status_code == 403
    run.refresh_from_db()
    assert run.state == "planned"


def test_watching_tells_what_it_has_cost(study: Study, program: Caller) -> None:
    run = make_run(study, "ready", "held", "done")

    found = program(study, "read").get(f"{ADDRESS}{run.pk}/").json()

    assert found["progress"]["held"] == 1
    assert found["spent"]["calls"] == 0
    assert (found["per_minute"], found["seconds_left"], found["held"]) == (0, None, {})


def test_cancelled_run_tells_what_was_never_done(study: Study, program: Caller) -> None:
    make_run(study, "done", "cancelled", "cancelled", state="cancelled")
    make_run(study, "done", "cancelled")  # whose person withdrew
    caller = program(study)

    listed = caller.get(ADDRESS).json()["results"]
    alone = [caller.get(f"{ADDRESS}{one['id']}/").json() for one in listed]

    told = [(one["state"], one["progress"]["done"], one["progress"]["total"]) for one in listed]
    assert sorted(told) == [("cancelled", 1, 3), ("finished", 1, 1)]
    assert [one["progress"]["total"] for one in alone] == [total for _, _, total in told]


@pytest.mark.parametrize(
    ("jobs", "state", "is_over"),
    [("ready", "running", False), ("held", "held", False), ("done", "finished", True)],
)
def test_list_and_run_tell_the_same_state(
    study: Study, program: Caller, jobs: str, state: str, is_over: bool
) -> None:
    caller = program(study)
    run = Run.objects.get(pk=planned(caller)["id"])
    act(caller, run, "start")
    run.jobs.update(state=jobs)

    listed, alone = caller.get(ADDRESS).json()["results"][0], caller.get(f"{ADDRESS}{run.pk}/")

    told = [(one["state"], one["progress"]["is_over"]) for one in (listed, alone.json())]
    assert told == [(state, is_over)] * 2


def test_list_costs_the_same_for_1_and_30_rows(study: Study, program: Caller) -> None:
    caller = program(study)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            caller.get(ADDRESS)
        return len(queries)

    make_run(study, "ready", "dead")
    cost()
    one = cost()
    for _ in range(30):
        make_run(study, "ready", "dead", "done")

    assert cost() == one
