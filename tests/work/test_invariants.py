"""Promises about jobs, each broken by hand and noticed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from work import invariants
from work.models import Job, JobResult, Lane
from work.queue import enqueue

pytestmark = pytest.mark.django_db


def job(**fields: Any) -> Job:
    made = enqueue(kind="k", key={"n": Job.objects.count()}, payload={}, scope="study:alps")
    Job.objects.filter(pk=made.pk).update(**fields)
    return made


def broken() -> dict[str, tuple[str, ...]]:
    return {check.name: check.broken for check in invariants.checks() if not check.holds}


def test_promises_hold_where_work_went_well() -> None:
    done = job(state="done", attempt=2)
    JobResult.objects.create(job=done, attempt=2, outcome="ok")
    job(state="leased", lease_until=timezone.now() - timedelta(seconds=30))

    assert broken() == {}


def test_done_without_a_result_is_noticed() -> None:
    done = job(state="done")

    assert broken() == {"I1": (str(done.pk),)}


def test_result_of_what_is_not_done_is_noticed() -> None:
    waiting = job(attempt=1)
    JobResult.objects.create(job=waiting, attempt=1, outcome="ok")

    assert broken() == {"I1": (str(waiting.pk),)}


def test_result_of_no_attempt_is_noticed() -> None:
    done = job(state="done", attempt=1)
    JobResult.objects.create(job=done, attempt=2, outcome="ok")

    assert broken() == {"I3": (str(done.pk),)}


def test_overdue_lease_is_noticed() -> None:
    late = job(state="leased", lease_until=timezone.now() - timedelta(seconds=90))

    assert broken() == {"I5": (str(late.pk),)}


def test_only_the_first_few_are_named() -> None:
    for _ in range(invariants.NAMED + 2):
        job(state="done")

    assert len(broken()["I1"]) == invariants.NAMED


def test_lease_in_a_closed_lane_is_not_overdue() -> None:
    now = timezone.now()
    Lane.objects.create(name="endpoint:e", closed_until=now + timedelta(hours=1))
    job(state="leased", lane="endpoint:e", lease_until=now - timedelta(seconds=90))

    assert broken() == {}
