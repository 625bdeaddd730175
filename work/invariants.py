"""What must hold of jobs at every moment, looked at; see reliability in `docs/operations.md`.

Reads only. What breaks a promise is named by ids, of which only the first few are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from work.models import Job, JobResult, Lane

NAMED = 10
"""Rows that are named of those that break a promise."""
OVERDUE = timedelta(seconds=60)
"""After which a lease that ran out should have been noticed by somebody."""


@dataclass(frozen=True)
class Check:
    """A promise, and what breaks it now."""

    name: str
    promise: str
    broken: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing breaks it."""
        return not self.broken


def check(name: str, promise: str, broken: Iterable[object]) -> Check:
    """A promise with the first few rows that break it."""
    return Check(name, promise, tuple(str(row) for row in [*broken][:NAMED]))


def checks() -> list[Check]:
    """All of jobs; five queries over the whole tables."""
    return [
        check("I1", "A job is done if, and only if, it has exactly one result.", _unlike()),
        check("I3", "No result is of an attempt that was never made.", _of_no_attempt()),
        check("I5", "No lease ran out more than 60 seconds ago unnoticed.", _overdue()),
    ]


def _unlike() -> list[object]:
    """Done without a result, or not done with one; that there is one at most is a primary key."""
    results = JobResult.objects.values("job")
    missing = Job.objects.filter(state=Job.State.DONE).exclude(pk__in=results)
    extra = JobResult.objects.exclude(job__state=Job.State.DONE)
    return [
        *missing.order_by().values_list("pk", flat=True)[:NAMED],
        *extra.order_by().values_list("job", flat=True)[:NAMED],
    ]


def _of_no_attempt() -> Iterable[object]:
    late = JobResult.objects.filter(attempt__gt=F("job__attempt"))
    return late.order_by().values_list("job", flat=True)[:NAMED]


def _overdue() -> Iterable[object]:
    """Those that nobody may claim, as their lane is closed, are known."""
    closed = Lane.objects.filter(closed_until__gt=Now()).values("pk")
    leased = Job.objects.filter(state=Job.State.LEASED, lease_until__lt=Now() - OVERDUE)
    leased = leased.exclude(lane__in=closed)
    return leased.order_by("lease_until").values_list("pk", flat=True)[:NAMED]
