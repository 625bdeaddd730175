"""The job table as a queue: enqueue, claim, finish, fail. The only writer of job rows.

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
from django.db import transaction
from django.db.models import DateTimeField, Expression, ExpressionWrapper, F, Max, Min
from django.db.models.functions import Now

from work import registry
from work.claims import GIVE_UP_AFTER, Claim, Plan
from work.errors import GiveUp, KeyReused, LateClaim, RetryLater
from work.failures import described
from work.keys import digest_of
from work.models import Job, JobQuerySet, JobResult, Revival, Run

__all__ = [
    "Claim",
    "Plan",
    "cancel",
    "claim",
    "enqueue",
    "enqueue_leased",
    "enqueue_many",
    "erase_subject",
    "extend",
    "extend_many",
    "fail",
    "finishing",
    "forget_subject",
    "is_work_waiting",
    "revive",
    "revive_dead",
    "start_run",
    "take_over",
]

BACKOFF_FIRST = 1.0
BACKOFF_CAP = 60.0
ROWS_PER_INSERT = 500
EXPIRED_AT_ONCE = 20


def start_run(*, scope: str, kind: str, title: str, plan: Mapping[str, Any], by: str = "") -> Run:
    """Write down a plan of machine work; its jobs are enqueued with `run=`."""
    return Run.objects.create(scope=scope, kind=kind, title=title, plan=dict(plan), created_by=by)


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
) -> Job:
    """The job of this key, made if there is none; see `Plan` for what the arguments mean."""
    plan = Plan(kind, key, payload, scope, run, subject, priority, max_attempts, give_up_after)
    return enqueue_many([plan])[0]


def enqueue_many(plans: list[Plan]) -> list[Job]:
    """The jobs of these plans, in their order; one that exists is returned, not made again.

    Raises `KeyReused` when a job of the same key was asked for with another payload.
    """
    with transaction.atomic():
        jobs = [_job_of(plan) for plan in plans]
        keys = [job.idem_key for job in jobs]
        _insert(jobs, _stored(keys))
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
    job.lease_owner, job.lease_until = owner[:120], _from_now(timedelta(seconds=seconds))
    with transaction.atomic():
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
    ranked = sorted(_with_ranks(list(unknown.values())), key=lambda job: job.idem_key)
    for start in range(0, len(ranked), ROWS_PER_INSERT):
        Job.objects.bulk_create(ranked[start : start + ROWS_PER_INSERT], ignore_conflicts=True)


def _job_of(plan: Plan) -> Job:
    return Job(
        run=plan.run,
        scope=plan.scope,
        kind=plan.kind,
        idem_key=digest_of({"kind": plan.kind, "scope": plan.scope, "key": dict(plan.key)}),
        input_digest=digest_of(dict(plan.payload)),
        payload=dict(plan.payload),
        subject=plan.subject,
        priority=plan.priority,
        max_attempts=plan.max_attempts,
        give_up_at=_from_now(plan.give_up_after),
    )


def _with_ranks(jobs: list[Job]) -> list[Job]:
    """Rank new jobs so that scopes take turns: start-time fair queueing with equal weights.

    A scope's jobs stand one rank apart, beginning where the queue as a whole has arrived, so ten
    thousand jobs of one study cannot make another wait. Ranks order, they promise nothing.
    """
    of_scope: dict[tuple[str, int], list[Job]] = defaultdict(list)
    for job in jobs:
        of_scope[job.scope, job.priority].append(job)
    for (scope, priority), own in of_scope.items():
        start = _first_free_rank(scope, priority)
        for rank, job in enumerate(own, start):
            job.rank = rank
    return jobs


def _first_free_rank(scope: str, priority: int) -> int:
    waiting = Job.objects.filter(state=Job.State.READY, priority=priority)
    front = waiting.aggregate(rank=Min("rank"))["rank"] or 0
    last = waiting.filter(scope=scope).aggregate(rank=Max("rank"))["rank"]
    return front if last is None else max(front, last + 1)


def _stored(keys: list[str]) -> dict[str, Job]:
    stored: dict[str, Job] = {}
    for start in range(0, len(keys), ROWS_PER_INSERT):
        chunk = Job.objects.filter(idem_key__in=keys[start : start + ROWS_PER_INSERT])
        stored.update((job.idem_key, job) for job in chunk)
    return stored


def _from_now(delay: timedelta) -> Expression:
    return ExpressionWrapper(Now() + delay, output_field=DateTimeField())


# -- Claim ---------------------------------------------------------------------


def is_work_waiting(kinds: list[str] | None = None) -> bool:
    """Whether a claim would find something; two index look-ups and no lock."""
    jobs = Job.objects.of_kinds(kinds)
    return jobs.due().exists() or jobs.expired().exists()


def claim(owner: str, kinds: list[str] | None = None) -> Claim | None:
    """Take one job, or None if nothing can be taken now. Commits before it returns."""
    if not is_work_waiting(kinds):
        return None
    with transaction.atomic(durable=True):
        job = _next_job(kinds)
        return None if job is None else _leased(job, owner)


def take_over(job_id: UUID, *, owner: str) -> Claim | None:
    """Take this very job if its holder's lease has run out; else None. Commits."""
    with transaction.atomic(durable=True):
        free = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=job_id)
        job = free.expired().first()
        return None if job is None else _leased(job, owner)


def _leased(job: Job, owner: str) -> Claim:
    """The next attempt at a job whose row is locked."""
    attempt = job.attempt + 1
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.LEASED,
        attempt=attempt,
        lease_owner=owner[:120],
        lease_until=_lease_end(),
    )
    for hook in registry.claim_hooks():
        hook(job.pk, attempt)
    return _claim_of(job, attempt)


def _next_job(kinds: list[str] | None) -> Job | None:
    # SQLite has no row locks and ignores this: its IMMEDIATE transaction lets one claim at a time.
    free = Job.objects.select_for_update(skip_locked=True, of=("self",)).of_kinds(kinds)
    for job in free.expired().order_by("lease_until", "id")[:EXPIRED_AT_ONCE]:
        if job.tries < job.max_attempts:
            return job
        _bury(Job.objects.filter(pk=job.pk), "The worker vanished at every attempt.")
    return free.due().order_by("priority", "rank", "id").first()


def _lease_end(seconds: int | None = None) -> Expression:
    return _from_now(timedelta(seconds=seconds or settings.JOB_LEASE_SECONDS))


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
    )


# -- What the holder of a claim may do -----------------------------------------


def held(claim: Claim) -> JobQuerySet:
    """The job's row while the claim is good: the fence. Every act of a holder goes through it."""
    return Job.objects.filter(pk=claim.job_id, state=Job.State.LEASED, attempt=claim.attempt)


def extend(claim: Claim) -> None:
    """Begin the lease anew; raises `LateClaim` if somebody else has the job now."""
    _require(held(claim).update(lease_until=_lease_end(claim.lease_seconds)), claim)


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
            mine.update(lease_until=_lease_end(seconds))
    return kept


@contextmanager
def finishing(
    claim: Claim, outcome: str = "ok", value: dict[str, Any] | None = None
) -> Iterator[None]:
    """Finish the job and do the domain's own writes, all in one transaction or not at all.

    Raises `LateClaim`, before the body runs, if the fence refuses. `value` holds ids and counts.
    """
    with transaction.atomic(durable=True):
        done = held(claim).update(
            state=Job.State.DONE,
            lease_until=None,
            lease_owner="",
            last_error="",
            finished_at=Now(),
        )
        _require(done, claim)
        JobResult.objects.create(
            job_id=claim.job_id, attempt=claim.attempt, outcome=outcome, value=value
        )
        yield


def fail(claim: Claim, error: Exception) -> str:
    """Record a failed attempt; the job waits for another or is dead. Returns its new state."""
    with transaction.atomic(durable=True):
        job = held(claim).select_for_update().first()
        if job is None:
            raise LateClaim(f"Attempt {claim.attempt} of job {claim.job_id} no longer holds it.")
        is_forgiven = isinstance(error, RetryLater) and not error.counts
        job.forgiven += is_forgiven
        is_overdue = held(claim).filter(give_up_at__lt=Now()).exists()
        if isinstance(error, GiveUp) or job.tries >= job.max_attempts or is_overdue:
            _bury(held(claim), described(error))
            return Job.State.DEAD
        held(claim).update(
            state=Job.State.READY,
            lease_until=None,
            lease_owner="",
            forgiven=job.forgiven,
            run_after=_from_now(_delay(error, job.tries)),
            last_error=described(error),
        )
        return Job.State.READY


def _delay(error: Exception, tries: int) -> timedelta:
    """Full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015), or what was asked."""
    ceiling = min(BACKOFF_CAP, BACKOFF_FIRST * 2 ** min(max(tries - 1, 0), 10))
    asked = error.after_seconds if isinstance(error, RetryLater) else None
    return timedelta(seconds=max(asked or 0.0, random.uniform(0, ceiling)))


def _bury(jobs: JobQuerySet, reason: str) -> None:
    jobs.update(
        state=Job.State.DEAD,
        lease_until=None,
        lease_owner="",
        last_error=reason,
        finished_at=Now(),
    )


def _require(rows: int, claim: Claim) -> None:
    if not rows:
        raise LateClaim(f"Attempt {claim.attempt} of job {claim.job_id} no longer holds it.")


# -- What people may do --------------------------------------------------------


def cancel(jobs: JobQuerySet, *, reason: str) -> int:
    """Stop these jobs for good, done ones excepted; a late answer is refused by the fence."""
    return jobs.exclude(state__in=[Job.State.DONE, Job.State.CANCELLED]).update(
        state=Job.State.CANCELLED,
        attempt=F("attempt") + 1,
        lease_until=None,
        lease_owner="",
        last_error=reason[:500],
        finished_at=Now(),
    )


def forget_subject(subject: UUID) -> int:
    """Cancel what is still to be done about a participant who left; returns how many jobs."""
    return cancel(Job.objects.of_subject(subject), reason="The participant left.")


def erase_subject(subject: UUID) -> int:
    """Delete the jobs about a participant with their results; a late answer finds no job."""
    return Job.objects.of_subject(subject).delete()[1].get("work.Job", 0)


def revive(job: Job, *, by: str, reason: str) -> None:
    """Give a dead job all its attempts again; who asked and why is kept. Others are left alone."""
    _revive(Job.objects.filter(pk=job.pk), by=by, reason=reason)


def revive_dead(
    scope: str, *, by: str, reason: str, kind: str | None = None, error: str | None = None
) -> int:
    """Revive a scope's dead jobs, or those of one kind or last error; returns how many."""
    wanted = {"kind": kind, "last_error": error}
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    return _revive(Job.objects.filter(scope=scope, **narrowed), by=by, reason=reason)


@transaction.atomic
def _revive(jobs: JobQuerySet, *, by: str, reason: str) -> int:
    dead = list(jobs.filter(state=Job.State.DEAD).select_for_update().order_by("pk"))
    Revival.objects.bulk_create(
        Revival(job=job, by=by, reason=reason, attempt=job.attempt, error=job.last_error)
        for job in dead
    )
    return Job.objects.filter(pk__in=[job.pk for job in dead]).update(
        state=Job.State.READY,
        forgiven=F("attempt"),
        run_after=Now(),
        give_up_at=_from_now(GIVE_UP_AFTER),
        finished_at=None,
    )
