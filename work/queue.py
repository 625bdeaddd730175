"""The job table as a queue: enqueue, claim, finish, fail. What people do to jobs is in `actions`.

All times are the database's. A claim is one short transaction; what the job does happens outside
of any; finishing is one transaction that the fence guards.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import (
    CharField,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    UUIDField,
)
from django.db.models.functions import Now

from work import candidates, registry
from work.actions.shelving import bury, put_back
from work.claims import GIVE_UP_AFTER, Claim, Plan
from work.errors import GiveUp, Hold, KeyReused, LateClaim, RetryLater
from work.failures import described
from work.keys import digest_of
from work.models import Job, JobQuerySet, JobResult, Lane, Run
from work.ranks import with_ranks
from work.reporting import report
from work.statements import Change, Given, SelectValues

BACKOFF_FIRST = 1.0
BACKOFF_CAP = 60.0
ROWS_PER_INSERT = 500


# -- Enqueue -------------------------------------------------------------------


def enqueue(
    *,
    kind: str,
    key: Mapping[str, Any],
    payload: Mapping[str, Any],
    scope: str,
    run: Run | None = None,
    subject: UUID | None = None,
    priority: int = 5,
    max_attempts: int = 8,
    give_up_after: timedelta = GIVE_UP_AFTER,
    lane: str = "",
) -> Job:
    """The job of this key, made if there is none; see `Plan` for what the arguments mean."""
    limits = (max_attempts, give_up_after, lane)
    return enqueue_many([Plan(kind, key, payload, scope, run, subject, priority, *limits)])[0]


def enqueue_many(plans: list[Plan]) -> list[Job]:
    """The jobs of these plans, in their order; one that exists is returned, not made again.

    One that waits for a run to be started, or was cancelled, becomes a job of the plan's run.
    Raises `KeyReused` when a job of the same key was asked for with another payload.
    """
    with transaction.atomic():
        _look_again({plan.run for plan in plans if plan.run is not None})
        jobs = [_job_of(plan) for plan in plans]
        keys = [job.idem_key for job in jobs]
        known = _stored(keys)
        _insert(jobs, known)
        _adopt([job for job in jobs if job.idem_key in known])
        stored = _stored(keys)
        for job in jobs:
            if stored[job.idem_key].input_digest != job.input_digest:
                raise KeyReused(f"A job of the kind {job.kind} has this key and another payload.")
    return [stored[job.idem_key] for job in jobs]


def enqueue_leased(plan: Plan, *, owner: str, seconds: int) -> Claim | None:
    """Make the job of this key and hold it at once; None if there is such a job already.

    For work that somebody waits for: no worker takes it unless the lease, which every extension
    begins anew for as many seconds, runs out.
    """
    job = _job_of(plan)
    job.state, job.attempt = Job.State.LEASED, 1
    job.lease_owner, job.lease_until = owner[:120], from_now(timedelta(seconds=seconds))
    with transaction.atomic():
        _make_lanes([job])
        Job.objects.bulk_create([job], ignore_conflicts=True)
        if not Job.objects.filter(pk=job.pk).exists():
            return None
    return _claim_of(job, 1, seconds)


def _insert(jobs: list[Job], known: Mapping[str, Job]) -> None:
    """Write those that are not known yet.

    Offering the others again would wait for the workers that hold them. Two who plan the same at
    once insert in the same order, so that one waits for the other and not each for both.
    """
    unknown = {job.idem_key: job for job in jobs if job.idem_key not in known}
    _make_lanes(unknown.values())
    ranked = sorted(with_ranks(list(unknown.values())), key=lambda job: job.idem_key)
    for start in range(0, len(ranked), ROWS_PER_INSERT):
        Job.objects.bulk_create(ranked[start : start + ROWS_PER_INSERT], ignore_conflicts=True)


def _make_lanes(jobs: Iterable[Job]) -> None:
    names = sorted({job.lane for job in jobs if job.lane})
    Lane.objects.bulk_create([Lane(name=name) for name in names], ignore_conflicts=True)


def _look_again(runs: set[Run]) -> None:
    """Read anew, and lock, the state of runs that wait: one may have been let go meanwhile."""
    waiting = {run.pk: run for run in runs if run.state != Run.State.RUNNING}
    if waiting:
        locked = Run.objects.select_for_update(no_key=True).filter(pk__in=waiting).order_by("pk")
        for pk, state in locked.values_list("pk", "state"):
            waiting[pk].state = state


def _adopt(jobs: list[Job]) -> None:
    """Let go anew what nobody is going to do: of runs not started, and, by a run, cancelled."""
    of_run: dict[Run | None, list[str]] = defaultdict(list)
    for job in jobs:
        of_run[job.run].append(job.idem_key)
    # Of a cancelled run: planned for it in the moment in which it was cancelled.
    idle_runs = [Run.State.PLANNED, Run.State.CANCELLED]
    planned = Q(state=Job.State.HELD, run__state__in=idle_runs)
    for run, keys in of_run.items():
        idle = planned | Q(state=Job.State.CANCELLED) if run else planned
        for start in range(0, len(keys), ROWS_PER_INSERT):
            same = Job.objects.filter(idle, idem_key__in=keys[start : start + ROWS_PER_INSERT])
            rows = list(same.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
            Job.objects.filter(pk__in=[pk for (pk,) in rows]).update(
                run=run,
                state=_first_state(run),
                forgiven=F("attempt"),
                run_after=Now(),
                give_up_at=from_now(GIVE_UP_AFTER),
                finished_at=None,
                last_error="",
            )


def _first_state(run: Run | None) -> Job.State:
    is_let_go = run is None or run.state == Run.State.RUNNING
    return Job.State.READY if is_let_go else Job.State.HELD


def _job_of(plan: Plan) -> Job:
    return Job(
        state=_first_state(plan.run),
        lane=plan.lane,
        run=plan.run,
        scope=plan.scope,
        kind=plan.kind,
        idem_key=digest_of({"kind": plan.kind, "scope": plan.scope, "key": dict(plan.key)}),
        input_digest=digest_of(dict(plan.payload)),
        payload=dict(plan.payload),
        subject=plan.subject,
        priority=plan.priority,
        max_attempts=plan.max_attempts,
        give_up_at=from_now(plan.give_up_after),
    )


def _stored(keys: list[str]) -> dict[str, Job]:
    stored: dict[str, Job] = {}
    for start in range(0, len(keys), ROWS_PER_INSERT):
        chunk = Job.objects.filter(idem_key__in=keys[start : start + ROWS_PER_INSERT])
        stored.update((job.idem_key, job) for job in chunk)
    return stored


def from_now(delay: timedelta | Given) -> Expression:
    """The database's time, so much later."""
    return ExpressionWrapper(Now() + delay, output_field=DateTimeField())


# -- Claim ---------------------------------------------------------------------

JOB, ATTEMPT = Given("job", UUIDField()), Given("attempt", IntegerField())
LEASE_END = from_now(Given.of_delay("lease"))


def is_work_waiting(kinds: Iterable[str] | None = None) -> bool:
    """Whether a claim would find something; a few index look-ups and no lock."""
    return candidates.is_any(_chosen(kinds))


def claim(owner: str, kinds: Iterable[str] | None = None) -> Claim | None:
    """Take one job, or None if nothing can be taken now. Commits before it returns."""
    chosen = _chosen(kinds)
    # Where a transaction locks the whole file, it is not begun in vain.
    if not connection.features.has_select_for_update and not candidates.is_any(chosen):
        return None
    with transaction.atomic(durable=True):
        job = candidates.next_job(chosen)
        return None if job is None else _leased(job, owner)


def take_over(job_id: UUID, *, owner: str) -> Claim | None:
    """Take this very job if its holder's lease has run out; else None. Commits."""
    with transaction.atomic(durable=True):
        free = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=job_id)
        job = free.expired().first()
        return None if job is None else _leased(job, owner)


def _chosen(kinds: Iterable[str] | None) -> candidates.Kinds:
    return None if kinds is None else tuple(sorted(kinds))


def _leased(job: Job, owner: str) -> Claim:
    """The next attempt at a job whose row is locked."""
    attempt = job.attempt + 1
    LEASE(job=job.pk, attempt=attempt, owner=owner[:120], lease=_lease())
    for hook in registry.claim_hooks():
        hook(job.pk, attempt)
    return _claim_of(job, attempt)


def _lease(seconds: int | None = None) -> timedelta:
    return timedelta(seconds=seconds or settings.JOB_LEASE_SECONDS)


LEASE = Change(
    Job.objects.filter(pk=JOB),
    state=Job.State.LEASED,
    attempt=ATTEMPT,
    lease_owner=Given("owner", CharField()),
    lease_until=LEASE_END,
)


def _claim_of(job: Job, attempt: int, lease_seconds: int | None = None) -> Claim:
    return Claim(
        job_id=job.pk,
        kind=job.kind,
        payload=job.payload,
        attempt=attempt,
        max_attempts=job.max_attempts,
        scope=job.scope,
        subject=job.subject,
        run_id=job.run_id,
        lease_seconds=lease_seconds,
        lane=job.lane,
    )


# -- What the holder of a claim may do -----------------------------------------


def held(claim: Claim) -> JobQuerySet:
    """The job's row while the claim is good: the fence. Every act of a holder goes through it."""
    return Job.objects.filter(pk=claim.job_id, state=Job.State.LEASED, attempt=claim.attempt)


HELD = Job.objects.filter(pk=JOB, state=Job.State.LEASED, attempt=ATTEMPT)
HOLDS = SelectValues(HELD.values("pk"))
EXTEND = Change(HELD, lease_until=LEASE_END)
FINISH = Change(
    HELD,
    state=Job.State.DONE,
    lease_until=None,
    lease_owner="",
    last_error="",
    finished_at=Now(),
)


def is_held(claim: Claim) -> bool:
    """Whether the claim is still good and its job not finished."""
    return bool(HOLDS(job=claim.job_id, attempt=claim.attempt))


def extend(claim: Claim) -> None:
    """Begin the lease anew; raises `LateClaim` if somebody else has the job now."""
    lease = _lease(claim.lease_seconds)
    _require(EXTEND(job=claim.job_id, attempt=claim.attempt, lease=lease), claim)


def extend_many(claims: Iterable[Claim]) -> set[UUID]:
    """Begin the leases of many claims anew; the jobs that are still held by these claims."""
    kept: set[UUID] = set()
    alike: dict[tuple[int, int | None], list[UUID]] = defaultdict(list)
    for claim in claims:
        alike[claim.attempt, claim.lease_seconds].append(claim.job_id)
    with transaction.atomic():
        for (attempt, seconds), ids in alike.items():
            mine = Job.objects.filter(pk__in=ids, state=Job.State.LEASED, attempt=attempt)
            # In one order, so that two who extend don't wait for each other.
            kept.update(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
            mine.update(lease_until=from_now(_lease(seconds)))
    return kept


@contextmanager
def finishing(
    claim: Claim, outcome: str = "ok", value: dict[str, Any] | None = None
) -> Iterator[None]:
    """Finish the job and do the domain's own writes, all in one transaction or not at all.

    Raises `LateClaim`, before the body runs, if the fence refuses. `value` holds ids and counts.
    """
    with transaction.atomic(durable=True):
        _require(FINISH(job=claim.job_id, attempt=claim.attempt), claim)
        JobResult.objects.create(
            job_id=claim.job_id, attempt=claim.attempt, outcome=outcome, value=value
        )
        yield
    report(claim, outcome)


def fail(claim: Claim, error: Exception) -> str:
    """Record a failed attempt; the job waits for another or is dead. Returns its new state."""
    with transaction.atomic(durable=True):
        state = _failed(claim, error)
    report(claim, state, described(error))
    return state


def _failed(claim: Claim, error: Exception) -> Job.State:
    # The run, or what it is held for, before the job, as whoever changes them takes them.
    is_held = _is_stopped(claim.run_id) or (isinstance(error, Hold) and error.is_still_so())
    job = held(claim).select_for_update().first()
    if job is None:
        raise LateClaim(f"Attempt {claim.attempt} of job {claim.job_id} no longer holds it.")
    job.forgiven += _is_forgiven(error)
    is_overdue = held(claim).filter(give_up_at__lt=Now()).exists()
    if isinstance(error, GiveUp) or job.tries >= job.max_attempts or is_overdue:
        bury(held(claim), described(error))
        return Job.State.DEAD
    state = Job.State.HELD if is_held else Job.State.READY
    put_back(
        held(claim),
        state,
        forgiven=job.forgiven,
        run_after=from_now(_delay(error, job.tries)),
        last_error=described(error),
    )
    return state


def _is_stopped(run_id: UUID | None) -> bool:
    """Whether the run is not going; nobody changes that until the commit."""
    if run_id is None:
        return False
    locked = Run.objects.select_for_update(no_key=True).filter(pk=run_id)
    return locked.values_list("state", flat=True).first() != Run.State.RUNNING


def _is_forgiven(error: Exception) -> bool:
    return isinstance(error, Hold) or (isinstance(error, RetryLater) and not error.counts)


def _delay(error: Exception, tries: int) -> timedelta:
    """Full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015), or what was asked."""
    ceiling = min(BACKOFF_CAP, BACKOFF_FIRST * 2 ** min(max(tries - 1, 0), 10))
    asked = error.after_seconds if isinstance(error, RetryLater) else None
    return timedelta(seconds=max(asked or 0.0, random.uniform(0, ceiling)))


def _require(rows: int, claim: Claim) -> None:
    if not rows:
        raise LateClaim(f"Attempt {claim.attempt} of job {claim.job_id} no longer holds it.")
