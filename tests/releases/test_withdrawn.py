"""What programs and people get of a release in which somebody was erased."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from releases.actions.releasing import plan_release, remove_files, withdraw_release
from releases.handlers import build_release
from releases.held_rows import refs_of, stones_for
from releases.models import Release
from releases.tombstones import Stone
from studies.actions.members import add_member
from studies.actions.tokens import create_token
from studies.models import Study, User
from tests.factories import make_study
from tests.releases.planted import plant
from work import queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(tmp_path: Path, settings: Any) -> None:
    settings.RELEASES_DIR = tmp_path / "releases"
    settings.DONATIONS_DIR = tmp_path / "donations"


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def member(study: Study) -> User:
    user = User.objects.create_user("reader", password="a good long one")
    add_member(study=study, user=user, role="manager", by=None)
    return user


def built(study: Study) -> Release:
    release = plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    build_release(claim)
    release.refresh_from_db()
    return release


@pytest.fixture
def withdrawn(study: Study) -> Release:
    release = built(study)
    stones = [Stone("judgments", "j1"), Stone("conversations", "c1")]
    withdraw_release(release=release, stones=stones)
    remove_files(release)
    release.refresh_from_db()
    return release


def test_stones_are_the_rows_of_the_person_and_no_others(study: Study) -> None:
    kim = plant(study, "kim")
    sam = plant(study, "sam", other=kim)
    release = built(study)

    stones = stones_for(release, refs_of(sam.person.pk))

    by_table = {name: {one.ref for one in stones if one.table == name} for name, _, _ in stones}
    assert by_table["conversations"] == {"c-sam"}
    assert by_table["relevance"] == {"i3-sam"}
    assert by_table["responses"] == {"i4-sam"}
    assert by_table["attributes"] == {"i1-sam", "i2-sam"}
    own = {row.ref for row in sam.rater.judgments.all()}
    machine = {f"j-i{n}-sam-judge-sam" for n in range(1, 5)}
    assert by_table["judgments"] == own | machine


def test_program_is_told_where_to_read_what_to_delete(
    client: Client, withdrawn: Release, member: User, study: Study
) -> None:
    token = create_token(user=member, study=study, scope="read")
    headers = {"Authorization": f"Bearer {token}"}

    gone = client.get(f"/api/v1/releases/{withdrawn.pk}/files/manifest.json", headers=headers)
    address = gone.json()["error"]["fields"]["tombstones"]
    told = client.get(address, headers=headers)

    assert (gone.status_code, told.status_code) == (410, 200)
    assert told.json()["results"] == [
        {"table": "conversations", "id": "c1", "removed": "row"},
        {"table": "judgments", "id": "j1", "removed": "row"},
    ]


def test_program_of_another_study_finds_nothing(client: Client, withdrawn: Release) -> None:
    other = make_study("other")
    user = User.objects.create_user("stranger")
    add_member(study=other, user=user, role="manager", by=None)
    token = create_token(user=user, study=other, scope="read")

    for address in ("tombstones/", "files/manifest.json"):
        response = client.get(
            f"/api/v1/releases/{withdrawn.pk}/{address}",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 404


def test_page_gives_the_list_and_nothing_else(
    client: Client, withdrawn: Release, member: User
) -> None:
    client.force_login(member)
    folder = f"/studies/alps/releases/{withdrawn.version}"

    gone = client.get(f"{folder}/data/judgments/train.parquet")
    told = client.get(f"{folder}/tombstones.jsonl")

    assert gone.status_code == 410
    assert "Somebody in it was erased." in gone.content.decode()
    lines = b"".join(told.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [json.loads(line)["id"] for line in lines] == ["c1", "j1"]


def test_later_releases_tell_of_all_that_was_taken_back(study: Study, withdrawn: Release) -> None:
    plant(study, "kim")

    second, third = built(study), built(study)

    expected = [
        {"table": "judgments", "id": "j1", "removed": "row"},
        {"table": "conversations", "id": "c1", "removed": "row"},
    ]
    for release in (second, third):
        lines = (release.folder / "tombstones.jsonl").read_text().splitlines()
        assert [json.loads(line) for line in lines] == expected
