"""Writing and finding very many rows at once."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import RFC_4122

import pytest
from django.db import DatabaseError, connection, transaction

from generation.models import Prompt
from studies.bulk import ROWS_AT_A_TIME, insert, new_id, refresh_statistics
from studies.lookups import among
from studies.models import Consent, Participant
from tests.factories import make_participant, make_study

PROMPT = ("id", "study_id", "ref", "participant_id", "text", "before", "type", "extra")
Rows = list[tuple[Any, ...]]
ODD_TEXTS = (
    "", " ", "\\", "\\N", r"\t\n\x41\101", "\\.", "tab\tand\nline\r\nends\r",
    "a\u2028b\x0b\x0c\x7f",
    "’“ä漢字🙂\U0010ffff", "'; DROP TABLE x; --", '{"a": 1}', "{}", "NULL", "%s %(a)s %%",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    {}, [], None, "", 0, False, True, 1.5, 1.5e-7, -7, 2**63, r"\N", "a\tb\\\n",
    {"\\": ["\t", {"ä\n": None}]}, [[], {}, ""], "🙂", [True, 1, 1.0],
)  # fmt: skip


def _stored_prompts(rows: Rows) -> Rows:
    """What the database gives back for rows of `PROMPT`."""
    assert insert(Prompt, PROMPT, iter(rows)) == len(rows)
    return list(Prompt.objects.order_by("ref").values_list(*PROMPT))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_insert_keeps_every_text(text: str) -> None:
    study = make_study()
    rows: Rows = [(new_id(), study.id, f"{n}{text}", None, text, [], "", {}) for n in range(2)]

    assert _stored_prompts(rows) == rows


@pytest.mark.django_db
def test_insert_keeps_every_json_value() -> None:
    study = make_study()
    values = [value for value in ODD_VALUES if value is not None]
    rows: Rows = [
        (new_id(), study.id, f"{n:03}", None, "x", value, "", {"": ODD_VALUES[n]})
        for n, value in enumerate(values)
    ]

    stored = _stored_prompts(rows)

    assert [repr(row) for row in stored] == [repr(row) for row in rows]


@pytest.mark.django_db
def test_insert_keeps_nothing_at_all_apart_from_an_empty_text() -> None:
    study = make_study()
    person = make_participant(study, "a")
    people = (person.id, None, person.id)
    rows: Rows = [(new_id(), study.id, f"{n}", id, "", [], "", {}) for n, id in enumerate(people)]

    assert _stored_prompts(rows) == rows


@pytest.mark.django_db
def test_insert_keeps_moments_and_leaves_the_rest_to_the_database() -> None:
    person = make_participant(make_study(), "a")
    moment = datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-9.5)))
    rows = [
        (person.id, "converse", "", moment, None),
        (person.id, "peers", "2", None, datetime(1, 1, 2, tzinfo=UTC)),
    ]
    columns = ("participant_id", "scope", "version", "given_at", "withdrawn_at")

    Consent.objects.all().delete()
    insert(Consent, columns, rows)

    assert list(Consent.objects.order_by("scope").values_list(*columns)) == rows


@pytest.mark.django_db
def test_insert_keeps_more_rows_than_are_written_at_a_time() -> None:
    study, count = make_study(), ROWS_AT_A_TIME + 1
    texts = ["plain"] * ROWS_AT_A_TIME + ["\\ odd"]
    rows: Rows = [(new_id(), study.id, f"{n:06}", None, texts[n], [], "", {}) for n in range(count)]

    assert _stored_prompts(rows) == rows


@pytest.mark.django_db
def test_insert_of_nothing_stores_nothing() -> None:
    assert insert(Prompt, PROMPT, iter(())) == 0
    assert not Prompt.objects.exists()


@pytest.mark.django_db
def test_insert_refuses_all_rows_where_the_database_refuses_one() -> None:
    study = make_study()
    rows: Rows = [(new_id(), study.id, "same", None, "x", [], "", {}) for _ in range(2)]

    with pytest.raises(DatabaseError), transaction.atomic():
        insert(Prompt, PROMPT, rows)

    assert not Prompt.objects.exists()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite stores NUL like any other")
def test_insert_refuses_nul() -> None:
    study = make_study()

    with pytest.raises(DatabaseError), transaction.atomic():
        insert(Prompt, PROMPT, [(new_id(), study.id, "a", None, "a\0b", [], "", {})])

    assert not Prompt.objects.exists()


@pytest.mark.django_db
def test_refresh_statistics_asks_for_columns_that_are_there() -> None:
    for model in (Prompt, Consent, Participant):
        refresh_statistics(model)


def test_new_id_is_of_version_7_and_differs_each_time() -> None:
    ids = [new_id() for _ in range(1_000)]

    assert {(id.version, id.variant) for id in ids} == {(7, RFC_4122)}
    assert len(set(ids)) == 1_000


def test_new_id_grows_with_time() -> None:
    ids = [new_id() for _ in range(50_000)]

    assert ids[0] < ids[-1]


@pytest.mark.django_db
def test_among_finds_rows_by_texts_keys_and_references() -> None:
    study = make_study()
    people = [make_participant(study, ref) for ref in ("a", "b’\\,{}", "c")]

    by_ref = Participant.objects.filter(among("ref", ["a", "b’\\,{}", "x"]))
    by_id = Participant.objects.filter(among("id", [people[2].id, people[2].id]))

    assert set(by_ref) == set(people[:2])
    assert list(by_id) == people[2:]
    assert Participant.objects.filter(among("study_id", [study.id])).count() == 3


@pytest.mark.django_db
def test_among_nothing_finds_nothing() -> None:
    make_participant(make_study(), "a")

    assert not Participant.objects.filter(among("ref", [])).exists()
