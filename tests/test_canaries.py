"""The search for words that should be gone finds each that is there."""

import base64
import gzip
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache

from tests.canaries import find, word
from tests.factories import make_participant, make_study

pytestmark = pytest.mark.django_db

REDIS = f"unix://{settings.BROKER_SOCKET}"


def test_word_in_a_json_column_is_found(tmp_path: Path) -> None:
    canary = word()
    make_participant(make_study(), "p1", traits={"town": [f"é {canary}"]})

    assert find([canary, word()], data_dir=tmp_path, redis_url=REDIS) == [
        f"studies_participant.traits: {canary}"
    ]


def test_word_in_a_packed_session_is_found(tmp_path: Path) -> None:
    canary = word()
    session = SessionStore()
    session["note"] = f"{'a' * 500} {canary}"
    session.save()

    found = find([canary], data_dir=tmp_path, redis_url=REDIS)

    assert found == [f"django_session.session_data: {canary}"]


def test_word_in_the_cache_is_found_in_key_and_value(tmp_path: Path) -> None:
    key, value = word(), word()
    cache.set(key, {"text": value})

    found = find([key, value], data_dir=tmp_path, redis_url=REDIS)
    cache.delete(key)

    assert {line.rpartition(": ")[2] for line in found} == {key, value}
    assert find([key, value], data_dir=tmp_path, redis_url=REDIS) == []


def test_word_in_a_message_of_the_broker_is_found(tmp_path: Path) -> None:
    canary = word()
    cache.set("message", base64.b64encode(f'["{canary}"]'.encode()).decode())

    found = find([canary], data_dir=tmp_path, redis_url=REDIS)
    cache.delete("message")

    assert len(found) == 1


@pytest.mark.parametrize("kind", ["plain", "name", "gzip", "zip", "parquet", "zipped parquet"])
def test_word_in_a_file_is_found(tmp_path: Path, kind: str) -> None:
    canary = word()
    path = tmp_path / (canary if kind == "name" else "file")
    if "parquet" in kind:
        pq.write_table(pa.table({"text": [canary] * 9}), path, compression="zstd")
    elif kind == "gzip":
        path.write_bytes(gzip.compress(canary.encode()))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.json", f'{{"a": "{canary}"}}')
    else:
        path.write_text("" if kind == "name" else canary)
    if kind == "zipped parquet":
        with zipfile.ZipFile(tmp_path / "outer", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "inner.parquet")
        path.unlink()

    found = find([canary], data_dir=tmp_path, redis_url=REDIS)

    assert len(found) == 1


def test_place_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        find([word()], data_dir=tmp_path / "nowhere", redis_url=REDIS)
    with pytest.raises(ValueError, match="No words"):
        find([], data_dir=tmp_path, redis_url=REDIS)
