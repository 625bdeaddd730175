"""Thousands of jobs for one run, enqueued without keeping everybody else from writing."""

import time
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from work import queue
from work.claims import Plan
from work.models import Job, Run

JOBS_AT_ONCE = 500
SECONDS_BETWEEN = 0.12
"""Where a transaction locks the whole file: SQLite looks every 0.1 seconds whether it is free."""


def enqueue_in_portions(*, run: Run, plans: Sequence[Plan]) -> list[Job]:
    """The jobs of these plans, of the run or of an earlier one; a transaction per portion.

    For a run that is planned and not started: whatever part of it is there when this process dies,
    planning the same again takes it over.
    """
    jobs: list[Job] = []
    for start in range(0, len(plans), JOBS_AT_ONCE):
        if start:
            _let_others_write()
        portion = [replace(plan, run=run) for plan in plans[start : start + JOBS_AT_ONCE]]
        with transaction.atomic():
            found = queue.enqueue_many(portion)
            _move_behind(run, found, start)
        jobs += found
    return jobs


def _let_others_write() -> None:
    if not connection.features.has_select_for_update and not connection.in_atomic_block:
        time.sleep(SECONDS_BETWEEN)


def _move_behind(run: Run, jobs: Sequence[Job], places: int) -> None:
    """Rank them behind the earlier portions, which, being held, were not counted."""
    if places:
        ids = [job.pk for job in jobs]
        own = Job.objects.filter(pk__in=ids, run=run, state=Job.State.HELD)
        own.update(rank=F("rank") + places)


@transaction.atomic
def take_over(*, run: Run, jobs: Sequence[UUID]) -> None:
    """Make those the run's that others planned meanwhile and did not start."""
    others = Run.objects.filter(scope=run.scope, kind=run.kind, state=Run.State.PLANNED)
    plans = list(others.exclude(pk=run.pk).values_list("pk", flat=True))
    for start in range(0, len(jobs) if plans else 0, JOBS_AT_ONCE):
        rows = Job.objects.filter(pk__in=jobs[start : start + JOBS_AT_ONCE], run__in=plans)
        rows.filter(state=Job.State.HELD).update(run=run)
