"""What people do to jobs: cancel, forget, erase, and give dead ones another chance."""

from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from work.claims import GIVE_UP_AFTER
from work.models import Job, JobQuerySet, Revival, Run
from work.queue import from_now


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
    """Give a dead job all its attempts again; who asked and why is kept. Others are left alone.

    Where its run is stopped it is held until the run goes on.
    """
    _revive(Job.objects.filter(pk=job.pk), by=by, reason=reason)


def revive_dead(
    scope: str,
    *,
    by: str,
    reason: str,
    run: Run | None = None,
    kind: str | None = None,
    error: str | None = None,
    job: UUID | None = None,
) -> int:
    """Revive a scope's dead jobs, or those of one run, kind or last error, or one of them.

    Returns how many.
    """
    wanted = {"run": run, "kind": kind, "last_error": error, "pk": job}
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    return _revive(Job.objects.filter(scope=scope, **narrowed), by=by, reason=reason)


@transaction.atomic
def _revive(jobs: JobQuerySet, *, by: str, reason: str) -> int:
    dead_ones = jobs.filter(state=Job.State.DEAD)
    runs = Run.objects.filter(pk__in=dead_ones.order_by().values("run"))
    locked = runs.select_for_update(no_key=True).order_by("pk")
    stopped = {run.pk for run in locked if run.state != Run.State.RUNNING}
    dead = list(dead_ones.select_for_update().order_by("pk"))
    Revival.objects.bulk_create(
        Revival(job=job, by=by, reason=reason, attempt=job.attempt, error=job.last_error)
        for job in dead
    )
    return Job.objects.filter(pk__in=[job.pk for job in dead]).update(
        state=Case(
            When(run__in=stopped, then=Value(Job.State.HELD)), default=Value(Job.State.READY)
        ),
        forgiven=F("attempt"),
        run_after=Now(),
        give_up_at=from_now(GIVE_UP_AFTER),
        finished_at=None,
    )
