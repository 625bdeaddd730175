"""Taking a job out of the way: back to those that wait, to the dead, or aside with its run."""

from typing import Any

from django.db.models.functions import Now

from work.models import Job, JobQuerySet, Run


def put_back(jobs: JobQuerySet, state: Job.State, **changes: Any) -> None:
    """Nobody holds them any more."""
    jobs.update(state=state, lease_until=None, lease_owner="", **changes)


def bury(jobs: JobQuerySet, reason: str) -> None:
    """Give them up; only a person lets them go again."""
    put_back(jobs, Job.State.DEAD, last_error=reason, finished_at=Now())


def put_aside(job: Job) -> bool | None:
    """Let a job of a run that is not going wait with the run's others; False: the run goes again.

    It was planned, or its worker gave it back, in the moment in which the run was paused. None
    says that somebody is just changing the run: they hold its row and may wait for the job's.
    """
    locked = Run.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    run = locked.filter(jobs=job.pk).first()
    if run is None or run.state == Run.State.RUNNING:
        return None if run is None else False
    if run.state == Run.State.CANCELLED:
        put_back(Job.objects.filter(pk=job.pk), Job.State.CANCELLED, finished_at=Now())
    else:
        put_back(Job.objects.filter(pk=job.pk), Job.State.HELD)
    return True
