"""The queue against a model of it, over any order of claims, failures, pauses and zombies.

The machine must also notice when a guard is missing: a test that can't fail proves nothing.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.rewinding import RewindingMachine
from tests.services import on_sqlite
from work import candidates, queue
from work.actions.jobs import cancel, revive_dead
from work.actions.lanes import close_lane, open_lane, set_limit
from work.actions.runs import make_run, pause, resume
from work.claims import Claim
from work.errors import GiveUp, Hold, LateClaim, RetryLater
from work.models import Job, JobQuerySet, Run
from work.statements import Change

MOST_ATTEMPTS = 3
JOBS = 3
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ACTS = ["plan_again", "cancel", "revive", "pause_or_resume", "close_or_open_lane"]
LANE, ROOM = "endpoint:x", 1


@dataclass
class Expected:
    """What the model says of one job: one has a lane, one has a run, and one has both."""

    number: int
    state: str = "ready"
    attempt: int = 0
    forgiven: int = 0
    is_expired: bool = False
    results: list[int] = field(default_factory=list)

    @property
    def has_run(self) -> bool:
        return self.number > 0

    @property
    def lane(self) -> str:
        return LANE if self.number < 2 else ""

    @property
    def is_worn_out(self) -> bool:
        return self.attempt - self.forgiven >= MOST_ATTEMPTS

    def is_held_by(self, claim: Claim) -> bool:
        return self.state == "leased" and self.attempt == claim.attempt

    def move(self, state: str) -> None:
        self.state, self.is_expired = state, False


class JobMachine(RewindingMachine):
    """Jobs, and everybody who ever held one: any of them may come back at any time."""

    run: ClassVar[Run]

    def __init__(self) -> None:
        super().__init__()
        self.jobs = {UUID(int=number + 1): Expected(number) for number in range(JOBS)}
        self.claims: list[Claim] = []
        self.is_paused = self.is_closed = False

    # -- What people do ----

    @rule(act=st.sampled_from(ACTS), number=st.integers(0, JOBS - 1))
    def somebody_acts(self, act: str, number: int) -> None:
        """One rule for all of them: most of the time workers work."""
        getattr(self, act)(UUID(int=number + 1))

    def plan_again(self, job_id: UUID) -> None:
        job = self.jobs[job_id]
        self._enqueue(job)
        if job.state == "cancelled" and job.has_run:
            job.move(self._first_state(job))
            job.forgiven = job.attempt

    def cancel(self, job_id: UUID) -> None:
        cancel(Job.objects.filter(pk=job_id), reason="Not needed.")
        job = self.jobs[job_id]
        if job.state not in ("done", "cancelled"):
            job.attempt += 1
            job.move("cancelled")

    def revive(self, _job_id: UUID) -> None:
        revive_dead("study:alps", by="Noor (invented)", reason="Mended.")
        for job in self._in("dead"):
            job.move(self._first_state(job))
            job.forgiven = job.attempt

    def pause_or_resume(self, _job_id: UUID) -> None:
        if not self.is_paused and self._is_run_finished():
            with pytest.raises(ValidationError):
                pause(run=self.run)
            return
        self.is_paused = not self.is_paused
        (pause if self.is_paused else resume)(run=self.run)
        for job in self._in("ready" if self.is_paused else "held"):
            if job.has_run:
                job.move("held" if self.is_paused else "ready")

    def close_or_open_lane(self, _job_id: UUID) -> None:
        self.is_closed = not self.is_closed
        if self.is_closed:
            close_lane(lane=LANE, seconds=600, reason="rate limit")
        else:
            open_lane(lane=LANE)

    # -- What workers do ----

    @rule(count=st.integers(1, JOBS))
    def claim(self, count: int) -> None:
        for _ in range(count):
            self._claim()

    def _claim(self) -> None:
        expired = self._expected_claim()
        ready = [job for job in self._in("ready") if self._lets_in(job)]
        likely = [expired] if expired else ready
        claim = queue.claim("worker")
        assert (claim is None) == (not likely)
        if claim is not None:
            job = self.jobs[claim.job_id]
            assert job in likely
            job.attempt += 1
            job.move("leased")
            assert claim.attempt == job.attempt
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(drawn=st.data())
    def finish(self, drawn: Any) -> None:
        claim = drawn.draw(st.sampled_from(self.claims))
        job = self.jobs[claim.job_id]
        accepted = job.is_held_by(claim)
        assert _is_accepted(lambda: _finish(claim)) == accepted
        if accepted:
            job.move("done")
            job.results.append(claim.attempt)

    @precondition(lambda self: self.claims)
    @rule(drawn=st.data(), error=st.sampled_from(["counts", "forgiven", "given up", "hold"]))
    def fail(self, drawn: Any, error: str) -> None:
        claim = drawn.draw(st.sampled_from(self.claims))
        job = self.jobs[claim.job_id]
        accepted = job.is_held_by(claim)
        assert _is_accepted(lambda: queue.fail(claim, _error(error))) == accepted
        if accepted:
            job.forgiven += error in ("forgiven", "hold")
            waits = "held" if error == "hold" else self._first_state(job)
            job.move("dead" if error == "given up" or job.is_worn_out else waits)
            Job.objects.filter(state="ready").update(run_after=Now() - timedelta(seconds=1))

    @precondition(lambda self: self._in("leased"))
    @rule(claims=st.integers(0, JOBS))
    def let_leases_end(self, claims: int) -> None:
        """Every holder stalls, but any may still come back, also after others took over."""
        Job.objects.filter(state="leased").update(lease_until=LONG_AGO)
        for job in self._in("leased"):
            job.is_expired = True
        for _ in range(claims):
            self._claim()

    # -- What always holds ----

    @invariant()
    def table_equals_model(self) -> None:
        stored = {
            pk: (*row, [] if attempt is None else [attempt])
            for pk, *row, attempt in Job.objects.order_by().values_list(
                "pk", "state", "attempt", "forgiven", "result__attempt"
            )
        }
        expected = {
            pk: (job.state, job.attempt, job.forgiven, job.results) for pk, job in self.jobs.items()
        }
        assert stored == expected

    @invariant()
    def done_means_exactly_one_result(self) -> None:
        assert all(len(job.results) == (job.state == "done") for job in self.jobs.values())

    # -- The model ----

    @classmethod
    def begin(cls) -> None:
        """The rows with which each example begins."""
        set_limit(lane=LANE, limit=ROOM)
        cls.run = make_run(scope="study:alps", kind="echo", title="All", plan={})
        for number in range(JOBS):
            job = cls._enqueue(Expected(number))
            # Ids decide ties between equal ranks; an example must run the same way twice.
            Job.objects.filter(pk=job.pk).update(id=UUID(int=number + 1))

    @classmethod
    def _enqueue(cls, job: Expected) -> Job:
        return queue.enqueue(
            kind="echo",
            key={"number": job.number},
            payload={},
            scope="study:alps",
            run=cls.run if job.has_run else None,
            max_attempts=MOST_ATTEMPTS,
            lane=job.lane,
        )

    def _in(self, state: str) -> list[Expected]:
        return [job for job in self.jobs.values() if job.state == state]

    def _is_run_finished(self) -> bool:
        states = {job.state for job in self.jobs.values() if job.has_run}
        return states <= {"done", "cancelled"}

    def _first_state(self, job: Expected) -> str:
        return "held" if job.has_run and self.is_paused else "ready"

    def _lets_in(self, job: Expected) -> bool:
        held = [one for one in self._in("leased") if one.lane == LANE and not one.is_expired]
        return not job.lane or not (self.is_closed or len(held) >= ROOM)

    def _expected_claim(self) -> Expected | None:
        """The first job that its worker lost; those before it are buried or put aside."""
        lost = [job for job in self._in("leased") if job.is_expired and self._lets_in(job)]
        for job in sorted(lost, key=lambda job: job.number):
            if not job.is_worn_out and self._first_state(job) == "ready":
                return job
            job.move("dead" if job.is_worn_out else "held")
        return None


def _is_accepted(act: Callable[[], Any]) -> bool:
    try:
        act()
    except LateClaim:
        return False
    return True


def _finish(claim: Claim) -> None:
    with queue.finishing(claim):
        pass


def _error(name: str) -> Exception:
    errors = {"given up": GiveUp(name), "hold": Hold(name)}
    return errors.get(name, RetryLater(name, counts=name == "counts"))


EXAMPLES = 60 if on_sqlite() else 150
SETTINGS = settings(
    # Until a mutant shows: mostly soon, but what is drawn depends on which modules are loaded.
    max_examples=3_000,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # An example found without a guard is proof enough; shrinking it would take a minute.
    phases=[Phase.generate],
)


@pytest.fixture(autouse=True)
def _jobs(db: None) -> None:
    JobMachine.begin()


@pytest.mark.long
def test_queue_behaves_as_its_model() -> None:
    run_state_machine_as_test(JobMachine, settings=settings(SETTINGS, max_examples=EXAMPLES))


# -- Without its guards ----------------------------------------------------------


def held_by_anybody(claim: Claim) -> JobQuerySet:
    return Job.objects.filter(pk=claim.job_id, state="leased")


def held_for_ever(claim: Claim) -> JobQuerySet:
    return Job.objects.filter(pk=claim.job_id, attempt=claim.attempt)


def finishing_all(jobs: JobQuerySet) -> Change:
    return Change(jobs.filter(pk=queue.JOB), state="done", lease_until=None)


def cancel_without_fence(jobs: JobQuerySet, *, reason: str) -> int:
    return jobs.exclude(state="done").update(state="cancelled", lease_until=None)


def leased_again(job: Job, owner: str) -> Claim:
    Job.objects.filter(pk=job.pk).update(state="leased", lease_until=Now() + timedelta(hours=1))
    return queue._claim_of(job, job.attempt)


def any_lane(jobs: JobQuerySet, kinds: candidates.Kinds) -> JobQuerySet:
    return jobs


def room_for_all(name: str) -> bool:
    return True


def all_leased(jobs: JobQuerySet) -> JobQuerySet:
    return jobs.filter(state="leased")


def never(*_anything: Any) -> bool:
    return False


def adopted_whatever(jobs: list[Job]) -> None:
    same: QuerySet[Job] = Job.objects.filter(idem_key__in=[job.idem_key for job in jobs])
    same.exclude(state__in=["leased", "done"]).update(state="ready", forgiven=F("attempt"))


MUTANTS: dict[str, list[tuple[Any, str, Any]]] = {
    "fence without attempt": [
        (queue, "held", held_by_anybody),
        (queue, "FINISH", finishing_all(Job.objects.filter(state="leased"))),
    ],
    "fence without state": [
        (queue, "held", held_for_ever),
        (queue, "FINISH", finishing_all(Job.objects.filter(attempt=queue.ATTEMPT))),
    ],
    "cancel without fence": [(sys.modules[__name__], "cancel", cancel_without_fence)],
    "claim without fence": [(queue, "_leased", leased_again)],
    "lanes always open": [
        (candidates, "_free", any_lane),
        (candidates, "has_room", room_for_all),
    ],
    "leases never hold": [(JobQuerySet, "expired", all_leased)],
    "holding counts": [(queue, "_is_forgiven", never)],
    "adopting what others do": [(queue, "_adopt", adopted_whatever)],
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_machine_notices_a_missing_guard(monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    for place, name, instead in MUTANTS[mutant]:
        monkeypatch.setattr(place, name, instead)
    for statement in ("_due", "_expired"):  # what was built of them with the guard is not used
        built_anew = getattr(candidates, statement).__wrapped__
        monkeypatch.setattr(candidates, statement, built_anew)

    with pytest.raises(Exception):  # noqa: B017, PT011  whatever it stumbles over
        run_state_machine_as_test(JobMachine, settings=SETTINGS)
