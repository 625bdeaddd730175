"""How a run goes: how far, how fast, what it has cost, what failed, and what it waits for.

Everything is read from the rows of jobs and calls; nothing counts along.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Max
from django.db.models.functions import Now

from generation.budgeting import budgets_for
from llm.budgets import HELD_FOR
from llm.queries import Spending, spending_of
from work.models import Job, JobQuerySet, Lane, Run, RunAct
from work.queries import (
    CANCELLED,
    FINISHED,
    RUNNING,
    Progress,
    done_since,
    jobs_of,
    progress_of_run,
    standing_of,
)

RATED_SECONDS = 60
FIRST_SECONDS = 5
"""A run that is younger is rated as if it were so old: its first jobs tell little."""
LONGEST_PAUSE = timedelta(days=1)
"""Of a lane that opens by itself."""


@dataclass(frozen=True)
class Closed:
    """A lane that the run's jobs wait for, such as an endpoint that is left alone for a while."""

    lane: str
    reason: str
    until: datetime

    @property
    def needs_somebody(self) -> bool:
        """Whether only a person opens it again."""
        return self.until - datetime.now(UTC) > LONGEST_PAUSE


@dataclass(frozen=True)
class Watch:
    """A run at one moment."""

    run: Run
    progress: Progress
    per_minute: int
    """Jobs done, by the last minute or, of a younger run, by the time since it was started."""
    spending: Spending
    held: dict[str, int]
    """Why jobs are held for a person, beside that the run is stopped, with their numbers."""
    closed: Sequence[Closed]
    last_done: datetime | None
    """When a job of it was last finished."""
    estimate: Mapping[str, Any] = field(default_factory=dict)
    """As it was planned, beside the budgets as they are now; empty: nobody looked."""
    acts: Sequence[RunAct] = ()
    """Who let it go, held it or gave it up, the first first."""

    @property
    def standing(self) -> str:
        """How it stands."""
        return standing_of(self.run, self.progress)

    @property
    def total(self) -> int:
        """Its jobs; of a run that was cancelled also those that were never done."""
        return jobs_of(self.run, self.progress)

    @property
    def left(self) -> int:
        """Jobs that are still to be done."""
        return self.progress.ready + self.progress.leased + self.progress.held

    @property
    def seconds_left(self) -> int | None:
        """At that rate; None where nothing was done, or what is left waits for something else."""
        if self.standing != RUNNING or self.closed or self.held or not self.per_minute:
            return None
        return round(self.left * RATED_SECONDS / self.per_minute)


def watch(run: Run) -> Watch:
    """The run now; eleven queries however large it is, and with a price a few for budgets."""
    jobs = Job.objects.filter(run=run)
    return Watch(
        run=run,
        progress=progress_of_run(run),
        per_minute=_per_minute(run, jobs),
        spending=spending_of(jobs, run.scope),
        held=_held(run),
        closed=_closed(run),
        acts=list(run.acts.all()),
        last_done=jobs.aggregate(last=Max("finished_at"))["last"],
        estimate=estimate_now(run),
    )


def estimate_now(run: Run) -> dict[str, Any]:
    """What the run was expected to take, and whether the budgets, as they are now, suffice."""
    return {**run.estimate, **budgets_for(run)} if run.estimate else {}


def _per_minute(run: Run, jobs: JobQuerySet) -> int:
    now = Run.objects.filter(pk=run.pk).values_list(Now(), flat=True).first()
    age = float(RATED_SECONDS)
    if now and run.started_at:
        age = max((now - run.started_at).total_seconds(), FIRST_SECONDS)
    return round(done_since(jobs, RATED_SECONDS) * RATED_SECONDS / min(age, RATED_SECONDS))


def _held(run: Run) -> dict[str, int]:
    """What a run was paused with may have failed before, and is not held for that."""
    rows = Job.objects.filter(run=run, state=Job.State.HELD).exclude(last_error="").order_by()
    if run.state != Run.State.RUNNING:
        rows = rows.filter(last_error__startswith=HELD_FOR)
    counts = rows.values_list("last_error").annotate(jobs=Count("pk"))
    return dict(counts.order_by("-jobs", "last_error"))


def _closed(run: Run) -> list[Closed]:
    waiting = Job.objects.filter(run=run, state=Job.State.READY).exclude(lane="")
    lanes = Lane.objects.filter(pk__in=waiting.values("lane"), closed_until__gt=Now())
    rows = lanes.order_by("pk").values_list("name", "reason", "closed_until")
    return [Closed(lane, reason, until) for lane, reason, until in rows if until]


def lasting(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def run_document(run: Run, progress: Progress) -> dict[str, Any]:
    """What programs are told of a run, without what takes more queries, such as budgets."""
    standing = standing_of(run, progress)
    states = ("ready", "leased", "held", "done", "dead", "cancelled")
    return {
        "id": str(run.pk),
        "kind": run.kind,
        "title": run.title,
        "state": standing,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "plan": run.plan,
        "estimate": run.estimate,
        "progress": {
            **{state: getattr(progress, state) for state in states},
            "total": jobs_of(run, progress),
            "is_over": standing in (CANCELLED, FINISHED),
            "outcomes": progress.outcomes,
            "failures": progress.failures,
        },
    }


def watch_document(seen: Watch) -> dict[str, Any]:
    """The same with rate, time left, money, and what it waits for."""
    spending = seen.spending
    return {
        **run_document(seen.run, seen.progress),
        "estimate": seen.estimate,
        "per_minute": seen.per_minute,
        "seconds_left": seen.seconds_left,
        "spent": {
            "calls": spending.calls,
            "open": spending.open,
            "wasted": spending.wasted,
            "reused": spending.reused,
            "prompt_tokens": spending.prompt_tokens,
            "completion_tokens": spending.completion_tokens,
            "cost": str(spending.cost),
            "reserved": str(spending.reserved),
            "unpriced": spending.unpriced,
        },
        "acts": [{"state": act.state, "by": act.by, "at": act.at} for act in seen.acts],
        "held": seen.held,
        "closed": [
            {"lane": one.lane, "reason": one.reason, "until": one.until} for one in seen.closed
        ],
    }


def dead_jobs(run: Run, error: str | None = None) -> JobQuerySet:
    """The rows of a run's dead jobs, or those given up for one reason, the latest first."""
    rows = Job.objects.filter(run=run, state=Job.State.DEAD).order_by("-finished_at", "pk")
    return rows if error is None else rows.filter(last_error=error)
