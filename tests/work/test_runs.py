"""What people do to runs, and what becomes of their jobs, also of those in somebody's hand."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from tests.work.test_queue import claimed, let_delays_end, let_leases_end
from work import queue
from work.actions import runs
from work.actions.jobs import erase_subject, revive_dead
from work.claims import Plan
from work.errors import GiveUp, Hold, LateClaim, RetryLater
from work.models import Job, Run

pytestmark = pytest.mark.django_db


def planned(count: int = 2, state: Run.State = Run.State.PLANNED) -> Run:
    """A run of so many jobs."""
    run = runs.make_run(scope="study:alps", kind="echo", title="All", plan={}, state=state)
    plan_jobs(run, count)
    return run


def plan_jobs(run: Run | None, count: int = 2) -> list[Job]:
    """The same jobs each time, for whatever run."""
    return queue.enqueue_many(
        [Plan("echo", {"n": n}, {}, "study:alps", run=run) for n in range(count)]
    )


def states(run: Run) -> list[str]:
    """Of its jobs, sorted."""
    return sorted(run.jobs.values_list("state", flat=True))


# -- Starting ------------------------------------------------------------------


def test_planned_run_waits_until_it_is_started() -> None:
    run = planned()
    assert (states(run), queue.claim("w"), run.started_at) == (["held", "held"], None, None)

    runs.start(run=run)
    runs.start(run=run)

    run.refresh_from_db()
    assert (states(run), run.state, run.started_at is None) == (["ready"] * 2, "running", False)


def test_start_is_refused_once_it_was_paused() -> None:
    run = planned()
    runs.start(run=run)
    runs.pause(run=run)

    with pytest.raises(ValidationError, match="Only a planned run"):
        runs.start(run=run)


def test_estimate_is_kept() -> None:
    run = planned()

    runs.note_estimate(run=run, estimate={"calls": 2})

    assert Run.objects.get().estimate == {"calls": 2}


# -- Pausing -------------------------------------------------------------------


def test_paused_run_gives_nothing_and_goes_on() -> None:
    run = planned(state=Run.State.RUNNING)
    runs.pause(run=run)
    runs.pause(run=run)
    assert (states(run), queue.claim("w")) == (["held", "held"], None)

    runs.resume(run=run)

    assert (states(run), claimed().run_id) == (["ready", "ready"], run.pk)


def test_pause_lets_work_in_hand_be_finished() -> None:
    run = planned(state=Run.State.RUNNING)
    claim = claimed()
    runs.pause(run=run)

    with queue.finishing(claim):
        pass

    assert states(run) == ["done", "held"]


def test_failure_after_a_pause_waits_with_the_others() -> None:
    run = planned(state=Run.State.RUNNING)
    claim = claimed()
    runs.pause(run=run)

    assert queue.fail(claim, RetryLater("server: HTTP 503")) == "held"
    runs.resume(run=run)
    assert states(run) == ["ready", "ready"]


def test_failure_that_forgets_the_pause_is_noticed_by_the_claim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = planned(1, state=Run.State.RUNNING)
    claim = claimed()
    runs.pause(run=run)
    monkeypatch.setattr(queue, "_is_stopped", lambda _run: False)
    assert queue.fail(claim, RetryLater("server: HTTP 503")) == "ready"
    let_delays_end()

    assert (queue.claim("w"), states(run)) == (None, ["held"])


def test_worker_that_vanished_during_a_pause_leaves_a_held_job() -> None:
    run = planned(1, state=Run.State.RUNNING)
    claimed()
    runs.pause(run=run)
    let_leases_end()

    assert (queue.claim("w"), states(run)) == (None, ["held"])


def test_job_planned_for_a_run_just_paused_is_held_by_the_claim() -> None:
    run = planned(0, state=Run.State.RUNNING)
    runs.pause(run=Run.objects.get())
    plan_jobs(run)
    assert states(run) == ["ready", "ready"]

    assert (queue.claim("w"), states(run)) == (None, ["held", "held"])


def test_job_planned_for_a_run_just_cancelled_is_cancelled_by_the_claim() -> None:
    run = planned(0, state=Run.State.RUNNING)
    runs.cancel_run(run=Run.objects.get(), by="Noor (invented)")
    plan_jobs(run)

    assert (queue.claim("w"), states(run)) == (None, ["cancelled", "cancelled"])


def test_job_planned_for_a_run_just_started_is_let_go() -> None:
    run = planned(0)
    runs.start(run=Run.objects.get())

    plan_jobs(run)

    assert states(run) == ["ready", "ready"]


@pytest.mark.parametrize("state", [Run.State.PLANNED, Run.State.CANCELLED])
def test_only_a_run_that_goes_is_paused(state: Run.State) -> None:
    run = planned(state=state)

    with pytest.raises(ValidationError, match="Only a run that goes"):
        runs.pause(run=run)


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_finished_run_stays_finished(act: str) -> None:
    run = finished_run()

    with pytest.raises(ValidationError, match=f"finished; there is nothing to {act}"):
        stop(run, act)

    run.refresh_from_db()
    assert (run.state, run.acts.count()) == ("running", 0)


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_finished_run_to_which_more_comes_by_itself_is_stopped(act: str) -> None:
    run = finished_run(automatic=True)

    stop(run, act)

    run.refresh_from_db()
    assert run.state != Run.State.RUNNING


def finished_run(**plan: bool) -> Run:
    """A run that goes and whose only job is done."""
    run = planned(1, state=Run.State.RUNNING)
    Run.objects.update(plan=plan)
    with queue.finishing(claimed()):
        pass
    return run


def stop(run: Run, act: str) -> None:
    """Pause or cancel it."""
    if act == "pause":
        runs.pause(run=run, by="Noor (invented)")
    else:
        runs.cancel_run(run=run, by="Noor (invented)")


def test_only_a_paused_run_is_resumed() -> None:
    with pytest.raises(ValidationError, match="Only a paused run"):
        runs.resume(run=planned())


# -- Holding -------------------------------------------------------------------


def test_held_job_waits_for_a_person_and_loses_no_attempt() -> None:
    run = planned(1, state=Run.State.RUNNING)

    assert queue.fail(claimed(), Hold("budget: 10 calls are spent")) == "held"

    job = run.jobs.get()
    assert (job.last_error, job.tries, queue.claim("w")) == ("budget: 10 calls are spent", 0, None)
    runs.resume(run=run)
    assert (claimed().attempt, Job.objects.get().last_error) == (2, "")


def test_held_for_weeks_a_job_is_not_overdue() -> None:
    run = planned(1, state=Run.State.RUNNING)
    queue.fail(claimed(), Hold("budget: spent"))
    Job.objects.update(give_up_at=Now() - timedelta(days=1))

    runs.resume(run=run)

    assert queue.fail(claimed(), RetryLater("server: HTTP 503")) == "ready"


# -- Cancelling and planning again ---------------------------------------------


def test_cancelled_run_refuses_late_answers_and_keeps_what_is_done() -> None:
    run = planned(3, state=Run.State.RUNNING)
    with queue.finishing(claimed()):
        pass
    claim = claimed()

    assert runs.cancel_run(run=run, by="Noor (invented)") == 2
    assert states(run) == ["cancelled", "cancelled", "done"]
    with pytest.raises(LateClaim), queue.finishing(claim):
        pytest.fail("the body must not run")


@pytest.mark.parametrize("act", ["cancel", "leave planned"])
def test_planning_again_takes_over_what_nobody_will_do(act: str) -> None:
    first = planned()
    if act == "cancel":
        runs.cancel_run(run=first, by="Noor (invented)")
    second = planned(state=Run.State.RUNNING)

    assert (states(first), states(second)) == ([], ["ready", "ready"])
    assert claimed().run_id == second.pk


def test_planning_again_leaves_what_others_hold_for_later() -> None:
    first = planned(state=Run.State.RUNNING)
    claimed()
    runs.pause(run=first)

    second = planned(state=Run.State.RUNNING)

    assert (states(first), states(second)) == (["held", "leased"], [])


def test_late_answer_to_a_job_taken_over_is_refused() -> None:
    run = planned(1, state=Run.State.RUNNING)
    claim = claimed()
    runs.cancel_run(run=run, by="Noor (invented)")
    planned(1, state=Run.State.RUNNING)

    with pytest.raises(LateClaim), queue.finishing(claim):
        pytest.fail("the body must not run")
    assert claimed().attempt == 3


def test_planning_for_a_planned_run_makes_held_jobs_of_cancelled_ones() -> None:
    runs.cancel_run(run=planned(state=Run.State.RUNNING), by="Noor (invented)")

    assert states(planned()) == ["held", "held"]


# -- Retrying ------------------------------------------------------------------


def dead_run() -> Run:
    """A run whose only job was given up."""
    run = planned(1, state=Run.State.RUNNING)
    queue.fail(claimed(), GiveUp("auth: HTTP 401"))
    return run


def test_retry_failed_gives_all_attempts_again() -> None:
    run = dead_run()

    assert runs.retry_failed(run=run, by="Noor (invented)", reason="The key was renewed.") == 1
    assert runs.retry_failed(run=run, by="Noor (invented)", reason="The key was renewed.") == 0
    assert (states(run), run.jobs.get().tries) == (["ready"], 0)


def test_retry_failed_of_a_paused_run_waits_for_it() -> None:
    run = dead_run()
    runs.pause(run=run)

    runs.retry_failed(run=run, by="Noor (invented)", reason="The key was renewed.")

    assert states(run) == ["held"]
    runs.resume(run=run)
    assert states(run) == ["ready"]


def test_retry_failed_needs_a_reason_and_a_run_not_cancelled() -> None:
    run = dead_run()
    with pytest.raises(ValidationError, match="what has changed"):
        runs.retry_failed(run=run, by="Noor (invented)", reason=" ")
    runs.cancel_run(run=run, by="Noor (invented)")

    with pytest.raises(ValidationError, match="was cancelled"):
        runs.retry_failed(run=run, by="Noor (invented)", reason="Mended.")


def test_revive_dead_minds_the_runs_of_a_scope() -> None:
    runs.pause(run=dead_run())

    assert revive_dead("study:alps", by="Noor (invented)", reason="Mended.") == 1
    assert Job.objects.get().state == "held"


# -- Erasing -------------------------------------------------------------------


def test_erasing_a_person_takes_their_jobs_out_of_a_run() -> None:
    run, person = planned(1), uuid4()
    queue.enqueue_many([Plan("echo", {"of": 1}, {}, "study:alps", run=run, subject=person)])

    assert erase_subject(person) == 1
    assert states(run) == ["held"]
