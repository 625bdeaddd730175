"""How far machine work has come, and what failed and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from work.models import Job, JobQuerySet, JobResult, Run, WorkerHeartbeat


@dataclass(frozen=True)
class Progress:
    """Jobs by state, results by outcome, and dead jobs by their last error."""

    ready: int
    leased: int
    done: int
    dead: int
    cancelled: int
    held: int
    outcomes: dict[str, int]
    failures: dict[str, int]

    @property
    def total(self) -> int:
        """All that were asked for and not cancelled."""
        return self.ready + self.leased + self.held + self.done + self.dead

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself; what is held waits for a person."""
        return self.ready + self.leased == 0


def progress_of_run(run: Run) -> Progress:
    """Of one plan; three queries."""
    return progress(Job.objects.filter(run=run))


def progress_of_scope(scope: str, kind: str | None = None) -> Progress:
    """Of all machine work of a study, or of one kind in it; three queries."""
    jobs = Job.objects.filter(scope=scope)
    return progress(jobs if kind is None else jobs.filter(kind=kind))


def progress(jobs: JobQuerySet) -> Progress:
    """Of these jobs."""
    states = _counted(jobs, "state")
    results = JobResult.objects.filter(job__in=jobs)
    failed = jobs.filter(state=Job.State.DEAD)
    counts = {state.value: states.get(state.value, 0) for state in Job.State}
    return Progress(
        **counts, outcomes=_counted(results, "outcome"), failures=_counted(failed, "last_error")
    )


def _counted(rows: QuerySet[Any], column: str) -> dict[str, int]:
    counts: Iterable[tuple[str, int]] = (
        rows.order_by().values_list(column).annotate(rows=Count("pk")).order_by("-rows", column)
    )
    return dict(counts)


def living_workers(role: str | None = None) -> dict[str, datetime]:
    """When each worker and sweeper that is alive was last heard of."""
    living = WorkerHeartbeat.objects.filter(at__gt=Now() - WorkerHeartbeat.LIVING)
    if role is not None:
        living = living.filter(role=role)
    return dict(living.values_list("owner", "at"))
