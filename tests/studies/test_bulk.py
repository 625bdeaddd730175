"""Writing and finding very many rows at once."""

from uuid import RFC_4122

import pytest

from studies.bulk import new_id
from studies.lookups import among
from studies.models import Participant
from tests.factories import make_participant, make_study


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
