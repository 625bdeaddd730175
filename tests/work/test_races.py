"""Two workers at the same moment; each guard is taken away once, to see that its test notices."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, models

from tests.services import on_sqlite
from tests.work.races import Meeting, at_once
from work import candidates, queue, registry
from work.actions.lanes import set_limit
from work.claims import Claim, Plan
from work.lanes import open_lanes
from work.models import Job, JobQuerySet, JobResult
from work.statements import Change

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(on_sqlite(), reason="SQLite lets one write at a time"),
]


def two_claims(meeting: Meeting, *, lane: str = "") -> list[Claim]:
    """Two jobs wait; what two workers get that claim in the same moment."""
    queue.enqueue_many([Plan("echo", {"n": n}, {}, "study:alps", lane=lane) for n in range(2)])
    registry.on_claim(meeting.wait)
    got = at_once(lambda: queue.claim("w"))
    return [one for one in got if isinstance(one, Claim)]


def test_claims_at_once_do_not_wait_for_each_other() -> None:
    meeting = Meeting()

    assert len({claim.job_id for claim in two_claims(meeting)}) == 2
    assert meeting.have_met


def test_without_skip_locked_one_waits_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = models.QuerySet.select_for_update
    waiting = lambda jobs, **_options: plain(jobs, of=("self",))  # noqa: E731
    monkeypatch.setattr(JobQuerySet, "select_for_update", waiting)
    monkeypatch.setattr(candidates, "_due", candidates._due.__wrapped__)
    meeting = Meeting()

    two_claims(meeting)

    assert not meeting.have_met


def test_claims_at_once_keep_a_limit() -> None:
    set_limit(lane="endpoint:x", limit=1)

    assert len(two_claims(Meeting(), lane="endpoint:x")) == 1


def test_without_the_lock_of_the_lane_the_limit_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(lane="endpoint:x", limit=1)
    monkeypatch.setattr(candidates, "has_room", lambda name: name in open_lanes())

    assert len(two_claims(Meeting(), lane="endpoint:x")) == 2


def two_plans(monkeypatch: pytest.MonkeyPatch) -> int:
    """The rows that come of two who plan the same in the same moment."""
    insert, meeting = queue._insert, Meeting()

    def insert_together(jobs: list[Job], known: dict[str, Job]) -> None:
        meeting.wait()
        insert(jobs, known)

    monkeypatch.setattr(queue, "_insert", insert_together)
    at_once(lambda: queue.enqueue_many([Plan("echo", {"n": 1}, {}, "study:alps")]))
    return Job.objects.count()


@contextmanager
def without_unique(model: type[models.Model], column: str) -> Iterator[None]:
    """The table without its unique key on a column."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        (name,) = [
            name for name, one in found.items() if one["unique"] and one["columns"] == [column]
        ]
        key = "PRIMARY KEY" if found[name]["primary_key"] else "UNIQUE"
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        try:
            yield
        finally:
            cursor.execute(f"DELETE FROM {JobResult._meta.db_table}")
            cursor.execute(f"DELETE FROM {Job._meta.db_table}")
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {key} ({column})')


def test_plans_at_once_make_one_job(monkeypatch: pytest.MonkeyPatch) -> None:
    assert two_plans(monkeypatch) == 1


def test_without_the_unique_key_they_make_two(monkeypatch: pytest.MonkeyPatch) -> None:
    with without_unique(Job, "idem_key"):
        assert two_plans(monkeypatch) == 2


def two_results(monkeypatch: pytest.MonkeyPatch) -> int:
    """The results of a job that two finish although neither is asked whether it still holds it."""
    job = queue.enqueue(kind="echo", key={"n": 1}, payload={}, scope="study:alps")
    claim = queue.claim("w")
    assert claim is not None
    any_holder = Change(Job.objects.filter(pk=queue.JOB), state="done", lease_until=None)
    monkeypatch.setattr(queue, "FINISH", any_holder)

    def finish() -> None:
        with queue.finishing(claim):
            pass

    at_once(finish)
    return JobResult.objects.filter(job_id=job.pk).count()


def test_a_job_has_one_result_even_without_the_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert two_results(monkeypatch) == 1


def test_without_the_key_of_results_it_has_two(monkeypatch: pytest.MonkeyPatch) -> None:
    with without_unique(JobResult, "job_id"):
        assert two_results(monkeypatch) == 2
