"""The queue against a model of it, over any order of claims, failures, vanishings and zombies.

The machine must also notice when the fence is missing: a test that can't fail proves nothing.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from work import queue
from work.actions.jobs import cancel
from work.claims import Claim
from work.errors import GiveUp, LateClaim, RetryLater
from work.models import Job, JobQuerySet, JobResult

MOST_ATTEMPTS = 4


@dataclass
class Expected:
    """What the model says of one job."""

    state: str = "ready"
    attempt: int = 0
    forgiven: int = 0
    results: list[int] = field(default_factory=list)

    def is_held_by(self, claim: Claim) -> bool:
        return self.state == "leased" and self.attempt == claim.attempt


class JobMachine(RuleBasedStateMachine):
    """Jobs, and everybody who ever held one: any of them may come back at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[UUID, Expected] = {}
        self.claims: list[Claim] = []

    @initialize()
    def begin_empty(self) -> None:
        Job.objects.all().delete()

    @precondition(lambda self: len(self.jobs) < 3)
    @rule()
    def enqueue(self) -> None:
        job = queue.enqueue(
            kind="echo",
            key={"number": len(self.jobs)},
            payload={},
            scope="study:alps",
            max_attempts=MOST_ATTEMPTS,
        )
        # Ids decide ties between equal ranks; an example must run the same way twice.
        job_id = UUID(int=len(self.jobs) + 1)
        Job.objects.filter(pk=job.pk).update(id=job_id)
        self.jobs[job_id] = Expected()

    @rule()
    def claim(self) -> None:
        claim = queue.claim("worker")
        ready = [job for job in self.jobs.values() if job.state == "ready"]
        assert (claim is None) == (not ready)
        if claim is not None:
            job = self.jobs[claim.job_id]
            job.state, job.attempt = "leased", job.attempt + 1
            assert claim.attempt == job.attempt
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(drawn=st.data())
    def finish(self, drawn: Any) -> None:
        claim = drawn.draw(st.sampled_from(self.claims))
        job = self.jobs[claim.job_id]
        accepted = job.is_held_by(claim)
        assert self._is_accepted(lambda: _finish(claim)) == accepted
        if accepted:
            job.state = "done"
            job.results.append(claim.attempt)

    @precondition(lambda self: self.claims)
    @rule(drawn=st.data(), error=st.sampled_from(["counts", "forgiven", "given up"]))
    def fail(self, drawn: Any, error: str) -> None:
        claim = drawn.draw(st.sampled_from(self.claims))
        job = self.jobs[claim.job_id]
        accepted = job.is_held_by(claim)
        assert self._is_accepted(lambda: queue.fail(claim, _error(error))) == accepted
        if accepted:
            job.forgiven += error == "forgiven"
            is_over = error == "given up" or job.attempt - job.forgiven >= MOST_ATTEMPTS
            job.state = "dead" if is_over else "ready"
            Job.objects.filter(state="ready").update(run_after=Now() - timedelta(seconds=1))

    @precondition(lambda self: any(job.state == "leased" for job in self.jobs.values()))
    @rule()
    def let_leases_end_and_sweep(self) -> None:
        """Every holder stalls; each job is claimed again at once, or buried."""
        Job.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))
        stalled = [job for job in self.jobs.values() if job.state == "leased"]
        for job in stalled:
            job.state = "dead" if job.attempt - job.forgiven >= MOST_ATTEMPTS else "ready"
        for _ in range(sum(job.state == "ready" for job in stalled)):
            self.claim()
        # Those just claimed are held again; the dead are buried by the next claim.
        self.claim()

    @precondition(lambda self: self.jobs)
    @rule(drawn=st.data())
    def cancel(self, drawn: Any) -> None:
        job_id = drawn.draw(st.sampled_from(list(self.jobs)))
        cancel(Job.objects.filter(pk=job_id), reason="Not needed.")
        job = self.jobs[job_id]
        if job.state not in ("done", "cancelled"):
            job.state, job.attempt = "cancelled", job.attempt + 1

    @invariant()
    def table_equals_model(self) -> None:
        stored = {job.pk: (job.state, job.attempt, job.forgiven) for job in Job.objects.all()}
        expected = {pk: (job.state, job.attempt, job.forgiven) for pk, job in self.jobs.items()}
        assert stored == expected

    @invariant()
    def done_means_exactly_one_result(self) -> None:
        stored = dict(JobResult.objects.values_list("job_id", "attempt"))
        assert stored == {pk: job.results[0] for pk, job in self.jobs.items() if job.results}
        assert all(len(job.results) == (job.state == "done") for job in self.jobs.values())

    @staticmethod
    def _is_accepted(act: Any) -> bool:
        try:
            act()
        except LateClaim:
            return False
        return True


def _finish(claim: Claim) -> None:
    with queue.finishing(claim):
        pass


def _error(name: str) -> Exception:
    if name == "given up":
        return GiveUp(name)
    return RetryLater(name, counts=name == "counts")


SETTINGS = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # An example found without the fence is proof enough; shrinking it would take a minute.
    phases=[Phase.generate],
)


@pytest.mark.django_db
def test_queue_behaves_as_its_model() -> None:
    run_state_machine_as_test(JobMachine, settings=SETTINGS)


@pytest.mark.django_db
def test_machine_notices_a_missing_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    def held_by_anybody(claim: Claim) -> JobQuerySet:
        return Job.objects.filter(pk=claim.job_id, state="leased")

    monkeypatch.setattr(queue, "held", held_by_anybody)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(JobMachine, settings=SETTINGS)
