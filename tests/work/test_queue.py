"""Enqueue, claim, finish and fail: each rule of the job table."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from tests.work.conftest import Enqueue
from work import queue, registry
from work.actions.jobs import cancel, forget_subject, revive
from work.actions.runs import make_run
from work.claims import Claim, Plan
from work.errors import GiveUp, KeyReused, LateClaim, RetryLater
from work.models import Job, JobResult, Revival

pytestmark = pytest.mark.django_db


def claimed(owner: str = "w1") -> Claim:
    """A claim that must be there."""
    claim = queue.claim(owner)
    assert claim is not None
    return claim


def let_leases_end() -> None:
    """Move every lease into the past."""
    Job.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))


def let_delays_end() -> None:
    """Make every waiting job due."""
    Job.objects.filter(state="ready").update(run_after=Now() - timedelta(seconds=1))


def state_of(job: Job) -> tuple[str, int]:
    """A job's state and attempt, as stored."""
    job.refresh_from_db()
    return job.state, job.attempt


# -- Enqueue -------------------------------------------------------------------


def test_enqueue_twice_is_one_job(enqueue: Enqueue) -> None:
    first = enqueue(key={"a": 1, "b": 2}, payload={"id": 7})
    second = enqueue(key={"b": 2, "a": 1}, payload={"id": 7})

    assert (first.pk, Job.objects.count()) == (second.pk, 1)


def test_enqueue_refuses_a_key_with_another_payload(enqueue: Enqueue) -> None:
    enqueue(key={"a": 1}, payload={"id": 7})

    with pytest.raises(KeyReused):
        enqueue(key={"a": 1}, payload={"id": 8})


def test_enqueue_keeps_kinds_and_scopes_apart(enqueue: Enqueue) -> None:
    enqueue(key={"a": 1})
    enqueue(key={"a": 1}, kind="other")
    enqueue(key={"a": 1}, scope="study:other")

    assert Job.objects.count() == 3


def test_enqueue_many_returns_jobs_in_the_order_of_plans() -> None:
    plans = [Plan("echo", {"n": n % 700}, {"n": n % 700}, "study:alps") for n in range(1200)]

    jobs = queue.enqueue_many(plans)

    assert [job.payload["n"] for job in jobs] == [n % 700 for n in range(1200)]


def test_database_refuses_a_lease_without_end(enqueue: Enqueue) -> None:
    job = enqueue()

    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="leased")


# -- Claim ---------------------------------------------------------------------


def test_claim_of_an_empty_table_is_none() -> None:
    assert queue.claim("w1") is None


def test_claim_hands_over_what_the_job_says(enqueue: Enqueue) -> None:
    run = make_run(scope="study:alps", kind="echo", title="All", plan={})
    subject = uuid4()
    job = enqueue(payload={"id": 7}, run=run, subject=subject)

    expected = Claim(job.pk, "echo", {"id": 7}, 1, 8, "study:alps", subject, run.pk)
    assert queue.claim("w1") == expected


def test_claim_takes_the_urgent_first(enqueue: Enqueue) -> None:
    enqueue(priority=5)
    urgent = enqueue(priority=0)

    assert claimed().job_id == urgent.pk


def test_claim_takes_only_the_kinds_named(enqueue: Enqueue) -> None:
    enqueue()
    other = enqueue(kind="other")

    assert claimed_of(["other"]) == [other.pk]


def claimed_of(kinds: list[str]) -> list[Any]:
    """The ids of all jobs of these kinds, claimed one after the other."""
    return [claim.job_id for claim in iter(lambda: queue.claim("w1", kinds), None)]


def test_claims_let_scopes_take_turns() -> None:
    queue.enqueue_many([Plan("echo", {"n": n}, {}, "study:large") for n in range(50)])
    for _ in range(10):
        claimed()
    queue.enqueue_many([Plan("echo", {"n": n}, {}, "study:small") for n in range(5)])

    following = [claimed().scope for _ in range(10)]

    assert following.count("study:small") == 5


def test_claim_waits_for_run_after(enqueue: Enqueue) -> None:
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(run_after=Now() + timedelta(seconds=60))

    assert queue.claim("w1") is None


def test_claim_takes_an_expired_lease(enqueue: Enqueue) -> None:
    job = enqueue()
    claimed()
    let_leases_end()

    again = claimed("w2")

    assert (again.job_id, again.attempt) == (job.pk, 2)


def test_claim_buries_a_job_whose_workers_all_vanished(enqueue: Enqueue) -> None:
    job = enqueue(max_attempts=2)
    for _ in range(2):
        claimed()
        let_leases_end()

    assert queue.claim("w1") is None
    assert state_of(job) == ("dead", 2)


def test_claim_calls_hooks_in_its_transaction(enqueue: Enqueue) -> None:
    job, seen = enqueue(), []
    registry.on_claim(lambda job_id, attempt: seen.append((job_id, attempt, state_of(job))))

    claimed()

    assert seen == [(job.pk, 1, ("leased", 1))]


# -- Finish --------------------------------------------------------------------


def test_finishing_leaves_one_result(enqueue: Enqueue) -> None:
    job = enqueue()

    with queue.finishing(claimed(), "ok", {"rows": 3}):
        pass

    result = JobResult.objects.get()
    assert state_of(job) == ("done", 1)
    assert (result.job_id, result.attempt, result.value) == (job.pk, 1, {"rows": 3})


def test_finishing_undoes_all_when_its_body_fails(enqueue: Enqueue) -> None:
    job, claim = enqueue(), claimed()

    with pytest.raises(ZeroDivisionError), queue.finishing(claim):
        _ = 1 / 0

    assert (state_of(job), JobResult.objects.count()) == (("leased", 1), 0)


def test_finishing_refuses_who_lost_the_job(enqueue: Enqueue) -> None:
    enqueue()
    zombie = claimed()
    let_leases_end()
    claimed("w2")

    with pytest.raises(LateClaim), queue.finishing(zombie):
        pytest.fail("the body must not run")


def test_finishing_twice_is_refused(enqueue: Enqueue) -> None:
    enqueue()
    claim = claimed()
    with queue.finishing(claim):
        pass

    with pytest.raises(LateClaim), queue.finishing(claim):
        pytest.fail("the body must not run")


def test_extend_begins_the_lease_anew(enqueue: Enqueue) -> None:
    enqueue()
    claim = claimed()
    let_leases_end()

    queue.extend(claim)

    assert queue.claim("w2") is None


def test_extend_refuses_who_lost_the_job(enqueue: Enqueue) -> None:
    enqueue()
    zombie = claimed()
    let_leases_end()
    claimed("w2")

    with pytest.raises(LateClaim):
        queue.extend(zombie)


# -- Fail ----------------------------------------------------------------------


def test_fail_lets_the_job_wait(enqueue: Enqueue) -> None:
    job = enqueue()

    state = queue.fail(claimed(), RetryLater("server: HTTP 503", after_seconds=60))

    assert (state, state_of(job), job.last_error) == ("ready", ("ready", 1), "server: HTTP 503")
    assert queue.claim("w1") is None


def test_fail_waits_at_least_as_long_as_asked(enqueue: Enqueue) -> None:
    job = enqueue()

    queue.fail(claimed(), RetryLater("later", after_seconds=300))

    assert Job.objects.filter(pk=job.pk, run_after__gt=Now() + timedelta(seconds=290)).exists()


def test_fail_buries_after_the_last_attempt(enqueue: Enqueue) -> None:
    job = enqueue(max_attempts=2)
    for _ in range(2):
        let_delays_end()
        queue.fail(claimed(), RetryLater("no"))

    assert state_of(job) == ("dead", 2)


def test_fail_forgives_what_does_not_count(enqueue: Enqueue) -> None:
    job = enqueue(max_attempts=2)
    for _ in range(5):
        let_delays_end()
        queue.fail(claimed(), RetryLater("rate_limited", counts=False))

    assert (state_of(job), job.tries) == (("ready", 5), 0)


def test_fail_buries_what_is_given_up(enqueue: Enqueue) -> None:
    job = enqueue()

    queue.fail(claimed(), GiveUp("auth: HTTP 401"))

    assert (state_of(job), job.last_error) == (("dead", 1), "auth: HTTP 401")


def test_fail_buries_what_took_too_long(enqueue: Enqueue) -> None:
    job = enqueue(give_up_after=timedelta(seconds=-1))

    queue.fail(claimed(), RetryLater("rate_limited", counts=False))

    assert state_of(job) == ("dead", 1)


def test_fail_refuses_who_lost_the_job(enqueue: Enqueue) -> None:
    job = enqueue()
    zombie = claimed()
    let_leases_end()
    claimed("w2")

    with pytest.raises(LateClaim):
        queue.fail(zombie, GiveUp("too late"))
    assert state_of(job) == ("leased", 2)


def test_fail_keeps_no_message_of_foreign_exceptions(enqueue: Enqueue) -> None:
    job = enqueue()

    queue.fail(claimed(), ValueError("what a participant wrote"))

    state_of(job)
    assert job.last_error == "ValueError"


# -- What people do ------------------------------------------------------------


def test_cancel_refuses_the_holder(enqueue: Enqueue) -> None:
    job, claim = enqueue(), claimed()

    assert cancel(Job.objects.all(), reason="Not needed.") == 1
    with pytest.raises(LateClaim), queue.finishing(claim):
        pytest.fail("the body must not run")
    assert state_of(job) == ("cancelled", 2)


def test_cancel_leaves_what_is_done(enqueue: Enqueue) -> None:
    job = enqueue()
    with queue.finishing(claimed()):
        pass

    assert cancel(Job.objects.all(), reason="Not needed.") == 0
    assert state_of(job) == ("done", 1)


def test_forget_subject_cancels_only_theirs(enqueue: Enqueue) -> None:
    subject = uuid4()
    theirs, other = enqueue(subject=subject), enqueue()

    assert forget_subject(subject) == 1
    assert (state_of(theirs), state_of(other)) == (("cancelled", 1), ("ready", 0))


def test_revive_gives_all_attempts_again(enqueue: Enqueue) -> None:
    job = enqueue()
    queue.fail(claimed(), GiveUp("auth: HTTP 401"))
    job.refresh_from_db()

    revive(job, by="Noor (invented)", reason="The key was renewed.")

    revival = Revival.objects.get()
    assert (state_of(job), job.tries) == (("ready", 1), 0)
    assert (revival.by, revival.error) == ("Noor (invented)", "auth: HTTP 401")


def test_revive_leaves_what_is_not_dead(enqueue: Enqueue) -> None:
    job = enqueue()

    revive(job, by="Noor (invented)", reason="Impatience.")

    assert (state_of(job), Revival.objects.count()) == (("ready", 0), 0)
