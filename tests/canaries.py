"""Looks for words everywhere the site can keep them: database, files, cache and broker.

    assert find(words, data_dir=data_dir, redis_url=redis_url) == []

A word is found although it lies packed: in a JSON escape, a Parquet file, an archive, a compressed
session, or a message in base64. Words should be ASCII and rare, as `word()` makes them.
"""

import base64
import binascii
import gzip
import json
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import dj_database_url
import pyarrow as pa
import pyarrow.parquet as pq
import redis
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

DEEPEST = 4
"""Packings within packings that are opened."""
ROWS_AT_ONCE = 500
PACKED = re.compile(rb"[A-Za-z0-9_+/=-]{16,}")
"""What may be base64."""
ZIPPED, GZIPPED = b"PK\x03\x04", b"\x1f\x8b"

Found = tuple[str, bytes]
"""A place and what lies there."""


def word(label: str = "") -> str:
    """A word that stands nowhere else."""
    return f"canary{label}{secrets.token_hex(8)}"


def find(
    words: Iterable[str],
    *,
    data_dir: Path,
    redis_url: str,
    database_url: str = "",
    also: Iterable[Path] = (),
) -> list[str]:
    """The places that hold any of the words, each with the word; empty if there is none.

    `database_url` names another database than the test's own; `also` further files or folders. A
    data directory, cache or file that is not there is an error and no proof.
    """
    wanted = [(text, text.encode()) for text in words]
    if not wanted:
        raise ValueError("No words to look for.")
    places = [*in_database(database_url), *in_cache(redis_url)]
    for root in (data_dir, *also):
        places += in_files(root)
    return sorted(
        {f"{place}: {text}" for place, content in places for text in held(content, wanted)}
    )


def held(content: bytes, wanted: Sequence[tuple[str, bytes]], depth: int = 0) -> set[str]:
    """Those of the words that stand in the content, or in what is packed in it."""
    found = {text for text, encoded in wanted if encoded in content}
    if depth < DEEPEST:
        for inner in unpacked(content):
            found |= held(inner, wanted, depth + 1)
    return found


# -- Where things lie ----------------------------------------------------------


def in_database(url: str = "") -> Iterator[Found]:
    """Every row of every table, of a model or not, as the database writes it."""
    if not url:
        yield from _rows_of(connection)
        return
    other = ConnectionHandler({"default": dict(dj_database_url.parse(url))})["default"]
    try:
        yield from _rows_of(other)
    finally:
        other.close()


def _rows_of(database: BaseDatabaseWrapper) -> Iterator[Found]:
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description or ()]
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                for row in rows:
                    for name, value in zip(names, row, strict=True):
                        yield f"{table}.{name}", as_bytes(value)


def as_bytes(value: Any) -> bytes:
    """A database's or cache's value as bytes that can be searched."""
    if isinstance(value, bytes | memoryview | bytearray):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str).encode()
    return str(value).encode(errors="replace")


def in_files(root: Path) -> Iterator[Found]:
    """Names and contents of a file, or of all files below a folder."""
    if not root.exists():
        raise FileNotFoundError(root)
    for path in [root, *sorted(root.rglob("*"))]:
        yield f"name of {path}", path.name.encode()
        if path.is_file():
            with suppress(FileNotFoundError):  # a lock or journal that went meanwhile
                yield str(path), path.read_bytes()


def in_cache(url: str) -> Iterator[Found]:
    """Every key of the cache and broker, and what it holds."""
    with closing(redis.Redis.from_url(url)) as server:
        for key in server.scan_iter(count=1000):
            yield f"key {key!r}", bytes(key)
            for value in _values_of(server, bytes(key)):
                yield f"key {key!r}", as_bytes(value)


def _values_of(server: "redis.Redis", key: bytes) -> list[Any]:
    kind = server.type(key)
    if kind == b"string":
        return [server.get(key) or b""]
    if kind == b"list":
        return list(server.lrange(key.decode(), 0, -1))
    if kind == b"hash":
        pairs: Any = server.hgetall(key.decode())
        return [part for pair in pairs.items() for part in pair]
    if kind == b"set":
        return list(server.smembers(key.decode()))
    if kind == b"zset":
        return list(server.zrange(key, 0, -1))
    if kind == b"stream":
        return [str(server.xrange(key))]
    return []


# -- Opening what is packed ----------------------------------------------------


def unpacked(content: bytes) -> Iterator[bytes]:
    """What comes out of the content by any of the packings the site uses."""
    if content.startswith(b"PAR1"):
        yield from _of_parquet(content)
    elif content.startswith(ZIPPED):
        yield from _of_zip(content)
    elif content.startswith(GZIPPED):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(content)
    else:
        yield from _of_text(content)


def _of_text(content: bytes) -> Iterator[bytes]:
    with suppress(zlib.error):
        yield zlib.decompress(content)
    if b"\\u" in content:
        yield re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda m: bytes.fromhex(m[1].decode()), content)
    for match in PACKED.finditer(content):
        with suppress(binascii.Error, ValueError):
            yield _of_base64(match[0])


def _of_base64(text: bytes) -> bytes:
    padded = text.rstrip(b"=") + b"=" * (-len(text.rstrip(b"=")) % 4)
    return base64.b64decode(padded.translate(bytes.maketrans(b"-_", b"+/")), validate=True)


def _of_parquet(content: bytes) -> Iterator[bytes]:
    try:
        with pq.ParquetFile(BytesIO(content)) as file:
            yield str(file.metadata.metadata).encode()
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
                yield as_bytes(batch.to_pylist())
    except pa.ArrowInvalid:
        yield content[4:]


def _of_zip(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield entry.filename.encode()
                yield archive.read(entry)
    except zipfile.BadZipFile:
        yield content[4:]
