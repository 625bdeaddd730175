"""A person's download holds every row about them and no row of anybody else."""

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from releases.personal.archive import archive_of
from releases.personal.tables import LEFT_OUT, TABLES
from releases.subjects import ABOUT
from studies.models import Participant, Study, User
from tests.factories import make_participant, make_study
from tests.releases.planted import Planted, plant

pytestmark = pytest.mark.django_db

OPERATORS = {"work.JobResult", "work.Revival", "admin.LogEntry"}


@pytest.fixture(autouse=True)
def donations(tmp_path: Path, settings: Any) -> None:
    settings.DONATIONS_DIR = tmp_path / "donations"


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def neighbour(study: Study) -> Planted:
    return plant(study, "kim")


@pytest.fixture
def person(study: Study, neighbour: Planted) -> Planted:
    return plant(study, "sam", other=neighbour)


def files_of(person: Participant) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(b"".join(archive_of(person)))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_table_that_leads_to_a_person_is_collected_or_left_out() -> None:
    leading = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for one in model._meta.concrete_fields
        if one.name == "subject"
        or (one.related_model in (Participant, User))
        or (one.related_model is not None and one.related_model._meta.label in ABOUT)
    }

    assert leading - {*TABLES, *LEFT_OUT, "releases.Erasure"} == set()
    assert set(ABOUT) - set(TABLES) == set()


def test_every_column_left_out_is_there() -> None:
    for label, table in TABLES.items():
        names = {one.name for one in apps.get_model(label)._meta.concrete_fields}
        assert set(table.left_out or {}) - names == set()


def test_every_word_of_every_row_is_in_the_data(person: Planted) -> None:
    data = json.loads(files_of(person.person)["data.json"])

    counts = {label: len(data[label]["rows"]) for label in TABLES}
    assert [label for label, count in counts.items() if not count] == []
    assert [word for word in person.words if word not in json.dumps(data)] == []


def test_each_table_holds_each_of_its_rows_once(person: Planted) -> None:
    data = json.loads(files_of(person.person)["data.json"])

    for label, table in TABLES.items():
        keys = set()
        for path in table.paths:
            rows = apps.get_model(label)._base_manager.filter(**{path: person.person.pk})
            keys |= {str(key) for key in rows.values_list("pk", flat=True)}
        name = apps.get_model(label)._meta.pk.attname
        assert sorted(str(row[name]) for row in data[label]["rows"]) == sorted(keys)


def test_no_word_of_a_neighbour_is_in_it(person: Planted, neighbour: Planted) -> None:
    files = files_of(person.person)

    found = [word for word in neighbour.words if any(word in text for text in files.values())]
    assert found == []


def test_other_raters_are_not_named(person: Planted, neighbour: Planted) -> None:
    data = files_of(neighbour.person)["data.json"]

    assert str(person.rater.pk) not in data
    assert str(person.person.pk) not in data
    assert '"by": "somebody else"' in data


def test_page_can_be_read_and_runs_nothing(study: Study) -> None:
    person = make_participant(study, "p1", traits={"town": "<script>alert(1)</script>"})

    page = files_of(person)["data.html"]

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'" in page


def test_page_holds_what_was_said(person: Planted) -> None:
    page = files_of(person.person)["data.html"]

    assert [word for word in person.words if word not in page] == []
