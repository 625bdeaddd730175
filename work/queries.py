"""How far machine work has come, and what failed and why."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from work import liveness
from work.models import Job, JobQuerySet, JobResult, Run, WorkerHeartbeat

PLANNED, RUNNING, PAUSED, HELD, CANCELLED, FINISHED = STANDINGS = (
    "planned", "running", "paused", "held", "cancelled", "finished",
)  # fmt: skip
"""How a run stands: its state, and of one that is let go whether anything still happens."""


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


def jobs_of(run: Run, progress: Progress) -> int:
    """How many jobs a run is told to have; of a cancelled one also those that were never done."""
    is_cancelled = run.state == Run.State.CANCELLED
    return progress.total + (progress.cancelled if is_cancelled else 0)


def standing_of(run: Run, progress: Progress) -> str:
    """One of `STANDINGS`; held is one whose jobs all wait for a person."""
    if run.state != Run.State.RUNNING:
        return str(run.state)
    if not progress.is_over:
        return RUNNING
    return HELD if progress.held else FINISHED


def with_standing(runs: QuerySet[Run]) -> QuerySet[Any]:
    """Each with `standing`, as `standing_of` says it; looks once at what is not done."""
    of_runs = Job.objects.filter(run__isnull=False).order_by()
    goes_on = of_runs.unfinished().values("run")
    held = of_runs.filter(state=Job.State.HELD).values("run")
    standing = Case(
        When(~Q(state=Run.State.RUNNING), then=F("state")),
        When(pk__in=goes_on, then=Value(RUNNING)),
        When(pk__in=held, then=Value(HELD)),
        default=Value(FINISHED),
        output_field=CharField(),
    )
    return runs.annotate(standing=standing)


def progress_of_run(run: Run) -> Progress:
    """Of one plan; three queries."""
    return progress(Job.objects.filter(run=run))


def progress_of_runs(runs: Iterable[Run]) -> dict[UUID, Progress]:
    """Of many plans; three queries however many there are."""
    jobs = Job.objects.filter(run__in=[run.pk for run in runs])
    results = JobResult.objects.filter(job__in=jobs)
    states = _counted_by(jobs, "run", "state")
    outcomes = _counted_by(results, "job__run", "outcome")
    failures = _counted_by(jobs.filter(state=Job.State.DEAD), "run", "last_error")
    return {
        run.pk: Progress(
            **{state.value: states[run.pk].get(state.value, 0) for state in Job.State},
            outcomes=outcomes[run.pk],
            failures=failures[run.pk],
        )
        for run in runs
    }


def _counted_by(rows: QuerySet[Any], by: str, column: str) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    counted = rows.order_by().values_list(by, column).annotate(rows=Count("pk"))
    for key, value, count in counted.order_by("-rows", column):
        counts[key][value] = count
    return counts


def done_since(jobs: JobQuerySet, seconds: float) -> int:
    """How many of these jobs were finished in the last so many seconds."""
    since = Now() - timedelta(seconds=seconds)
    return jobs.filter(state=Job.State.DONE, finished_at__gte=since).count()


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


def living_workers(*roles: str) -> dict[str, datetime]:
    """When each process at work was last heard of, of these roles; by default, who does jobs."""
    living = WorkerHeartbeat.objects.filter(liveness.living(), role__in=roles or liveness.WORKING)
    return dict(living.values_list("owner", "at"))
