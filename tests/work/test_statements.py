"""Statements built once: the same rows as the ORM's, whatever is given, built at the first time."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import CharField, F, UUIDField
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.work.conftest import Enqueue
from work.models import Job, JobResult, Lane
from work.statements import Change, Given, Insert, Select, SelectValues

pytestmark = pytest.mark.django_db

PK = Given("pk", UUIDField())


def test_select_reads_a_row_as_the_orm_does(enqueue: Enqueue) -> None:
    stored = Job.objects.get(pk=enqueue().pk)
    (read,) = Select(Job.objects.filter(pk=PK))(pk=stored.pk)

    names = [field.attname for field in Job._meta.concrete_fields]
    assert [getattr(read, name) for name in names] == [getattr(stored, name) for name in names]
    assert not read._state.adding


def test_select_keeps_annotations(enqueue: Enqueue) -> None:
    job = enqueue()
    annotated = Job.objects.filter(pk=PK).annotate(its_kind=F("kind"), now=Now())
    read: Any = Select(annotated)(pk=job.pk)[0]

    assert (read.its_kind, read.now >= job.created_at) == ("echo", True)


def test_select_of_values_gives_dictionaries(enqueue: Enqueue) -> None:
    job = enqueue()

    found = SelectValues(Job.objects.filter(pk=PK).values("pk", "payload", name=F("kind")))

    assert found(pk=job.pk) == [{"pk": job.pk, "payload": job.payload, "name": "echo"}]
    assert found(pk=uuid4()) == []


def test_change_counts_the_rows_and_writes_what_is_given(enqueue: Enqueue) -> None:
    job = enqueue()
    change = Change(
        Job.objects.filter(pk=PK), payload=Given.of(Job, "payload"), forgiven=F("attempt")
    )

    assert change(pk=job.pk, payload={"so": ["it", None]}) == 1
    assert change(pk=uuid4(), payload={}) == 0
    job.refresh_from_db()
    assert (job.payload, job.forgiven) == ({"so": ["it", None]}, 0)


def test_change_adds_to_the_time_of_the_database(enqueue: Enqueue) -> None:
    job, before = enqueue(), Job.objects.annotate(now=Now()).values_list("now", flat=True)[:1]
    change = Change(Job.objects.filter(pk=PK), run_after=Now() + Given.of_delay("delay"))

    change(pk=job.pk, delay=timedelta(hours=2))

    job.refresh_from_db()
    assert timedelta(hours=1) < job.run_after - before[0] < timedelta(hours=3)


@pytest.mark.parametrize("text", ["%s", "'; DROP TABLE work_job; --", "100 % \\ é"])
def test_what_is_given_is_never_read_as_a_statement(text: str) -> None:
    Lane.objects.create(name=text)
    named = Select(Lane.objects.filter(pk=Given("name", CharField())).exclude(reason="50 %s"))

    assert [lane.name for lane in named(name=text)] == [text]


def test_statement_is_built_once(enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, select = [enqueue(), enqueue()], Select(Job.objects.filter(pk=PK))
    select(pk=jobs[0].pk)
    monkeypatch.setattr(select, "_compiled", _never)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert select(pk=jobs[1].pk) == [jobs[1]]
    assert len(asked) == 1


def _never(*_: Any) -> Any:
    raise AssertionError("built again")


def test_select_reads_what_it_is_selected_with(enqueue: Enqueue) -> None:
    result = JobResult.objects.create(job=enqueue(), attempt=1, outcome="ok", value=None)
    read = Select(JobResult.objects.filter(pk=PK).select_related("job"))(pk=result.pk)[0]

    with CaptureQueriesContext(connection) as queries:
        assert read.job == result.job
    assert len(queries) == 0


@pytest.mark.parametrize("value", [None, {"so": ["it", None, "50 %s"]}])
def test_insert_stores_what_the_orm_would(enqueue: Enqueue, value: Any) -> None:
    made = JobResult(job=enqueue(), attempt=1, outcome="ok", value=value)

    Insert(JobResult, by_database=["at"])(made)

    stored = JobResult.objects.get(pk=made.pk)
    assert (stored.value, stored.outcome, made._state.adding) == (value, "ok", False)
    assert abs(stored.at - timezone.now()) < timedelta(minutes=1)
