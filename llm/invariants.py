"""What must hold of calls and budgets at every moment, looked at. Reads only."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from llm import budgets, queries
from llm.ledger import ABANDONED_AFTER
from llm.models import Call
from work.invariants import NAMED, Check, check
from work.models import JobResult

UNASKED = ("gone", "not_allowed", "already")
"""Outcomes of jobs that ended without an answer, whatever earlier attempts had asked."""
READ = (Call.State.OK, Call.State.ERROR)
"""States of calls whose answer was read; of one with errors in it, what was good may be kept."""


def checks() -> list[Check]:
    """All of calls and budgets; eight queries, five over the whole tables."""
    return [
        check("I2", "No job has more than one question on its way.", _asking_twice()),
        check("I3", "A result rests on an answer read at its own attempt.", _unread()),
        check(
            "I4",
            "Reserved and spent stay within every budget; reserved is what open calls hold.",
            budgets.faults(),
        ),
        check(
            "I6",
            "No question stays on its way when nobody waits for it any more.",
            queries.abandoned(_overdue())[:NAMED],
        ),
    ]


def _overdue() -> timedelta:
    """How long after its timeout a call must have been ended, beside the sweep's own time."""
    return ABANDONED_AFTER + timedelta(seconds=settings.JOB_LEASE_SECONDS + 60)


def _asking_twice() -> Iterable[object]:
    asking = Call.objects.open().filter(job_id__isnull=False).order_by().values("job_id")
    return asking.annotate(n=Count("pk")).filter(n__gt=1).values_list("job_id", flat=True)[:NAMED]


def _unread() -> Iterable[object]:
    """Results of jobs that asked, at an attempt that neither got nor took over an answer."""
    calls = Call.objects.filter(job_id__isnull=False)
    its_own = Q(attempt=OuterRef("attempt")) | Q(adopted_by=OuterRef("attempt"))
    read = calls.filter(its_own, job_id=OuterRef("job"), state__in=READ)
    asked = JobResult.objects.filter(job__in=calls.values("job_id")).exclude(outcome__in=UNASKED)
    return asked.exclude(Exists(read)).order_by().values_list("job", flat=True)[:NAMED]
