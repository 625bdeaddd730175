"""Judgments read as the driver gives them, a page at a time."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from releases import streaming
from releases.tables import reading
from releases.tables.judgments import TABLE
from releases.tables.table import source_of
from studies.models import Study
from tests.annotation.judged import judged_pairs

pytestmark = pytest.mark.django_db


def refs_of(study: Study) -> list[str]:
    return [str(row["judgment"]) for row in TABLE.rows(source_of(study))]


def test_rows_are_the_same_whatever_a_page_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    study = judged_pairs()
    whole = list(TABLE.rows(source_of(study)))
    monkeypatch.setattr(reading, "FIRST_PAGE", 1)
    monkeypatch.setattr(reading, "PAGE", 3)

    assert list(TABLE.rows(source_of(study))) == whole
    assert len(whole) == study.judgments.count()


def test_rows_come_in_the_order_of_refs() -> None:
    refs = refs_of(judged_pairs())

    assert refs == sorted(refs)


def test_a_judgment_whose_item_stands_twice_in_its_task_is_one_row() -> None:
    study = judged_pairs(count=1)
    task = study.tasks.get()
    task.task_items.create(item=study.items.get(), position=7, purpose="repeat")

    rows = list(TABLE.rows(source_of(study)))

    assert len(rows) == study.judgments.count()
    assert {(row["position"], row["purpose"]) for row in rows} == {(0, "main")}


def test_first_rows_leave_before_a_second_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    study = judged_pairs()
    whole = b"".join(streaming.stream_table(study, "judgments", "jsonl"))
    monkeypatch.setattr(reading, "FIRST_PAGE", 2)
    monkeypatch.setattr(streaming, "FIRST_ROWS", 1)
    parts = streaming.stream_table(study, "judgments", "jsonl")

    with CaptureQueriesContext(connection) as asked:
        first = next(parts)

    looked = [query["sql"] for query in asked if "forgotten_at" in query["sql"]]
    assert len(looked) == 1  # once a page
    assert first == whole.splitlines(keepends=True)[0]
    assert first + b"".join(parts) == whole
