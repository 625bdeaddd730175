"""After an erasure no word of the person is anywhere, and their neighbour's are all there."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from releases.actions.erasing import request_erasure
from releases.actions.releasing import plan_release
from releases.handlers import build_release, erase
from releases.models import Erasure, Release, Tombstone
from studies.models import Participant, Study
from tests.canaries import find
from tests.factories import make_study
from tests.releases.planted import Planted, plant
from work import queue

REDIS = f"unix://{site.BROKER_SOCKET}"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: Any) -> Path:
    for name in ("releases", "donations", "erasures"):
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    return tmp_path


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def neighbour(study: Study) -> Planted:
    return plant(study, "kim")


@pytest.fixture
def person(study: Study, neighbour: Planted) -> Planted:
    return plant(study, "sam", other=neighbour)


def places(planted: Planted, data_dir: Path) -> list[str]:
    """Where their words are, without the word."""
    also = [site.DATA_DIR]
    found = find(planted.words, data_dir=data_dir, redis_url=REDIS, also=also)
    return sorted({line.rpartition(": ")[0] for line in found})


def rows_with_words(planted: Planted, data_dir: Path) -> list[str]:
    """The columns that hold their words; SQLite's own files come and go."""
    return [place for place in places(planted, data_dir) if not place.startswith("/")]


def release_built(study: Study) -> Release:
    release = plan_release(study=study, by=None)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    build_release(claim)
    release.refresh_from_db()
    return release


def erased(planted: Planted) -> Erasure:
    erasure = request_erasure(participant=planted.person)
    claim = queue.claim("test", kinds=["erasure"])
    assert claim is not None
    erase(claim)
    erasure.refresh_from_db()
    return erasure


def test_no_word_of_an_erased_person_is_anywhere(
    study: Study, person: Planted, data_dir: Path
) -> None:
    releases = [release_built(study), release_built(study)]
    before = places(person, data_dir)

    erasure = erased(person)

    assert any("releases/" in place for place in before)
    assert len(before) > 60
    assert places(person, data_dir) == []
    assert erasure.finished_at is not None
    assert erasure.subject is None
    assert not any(release.folder.exists() for release in releases)


def test_neighbour_is_untouched(
    study: Study, person: Planted, neighbour: Planted, data_dir: Path
) -> None:
    before = rows_with_words(neighbour, data_dir)

    erased(person)

    assert rows_with_words(neighbour, data_dir) == before
    assert Participant.objects.get(study=study) == neighbour.person


def test_next_release_is_planned_and_tells_what_was_taken_back(
    study: Study, person: Planted, data_dir: Path
) -> None:
    first = release_built(study)

    erased(person)
    claim = queue.claim("test", kinds=["release"])
    assert claim is not None
    build_release(claim)

    second = Release.objects.get(study=study, version=2)
    first.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "published")
    assert Tombstone.objects.filter(release=first, kind="conversations", ref="c-sam").exists()
    assert '"c-sam"' in (second.folder / "tombstones.jsonl").read_text()
    assert places(person, data_dir) == []
