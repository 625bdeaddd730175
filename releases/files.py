"""A folder being filled: files written in parts, hashed on the way, on disk before it is shown."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from releases.columns import Schema
from releases.tables.table import Row
from releases.writers import ENCODERS, Encoder


@dataclass(frozen=True)
class FileFacts:
    """A finished file: its path in the folder, what the manifest says of it."""

    path: str
    bytes: int
    sha256: str
    rows: int | None
    """None where a file has no rows (the card, for one)."""


class RowFile:
    """A file of rows in one format."""

    def __init__(self, root: Path, path: str, schema: Schema, rows_per_group: int) -> None:
        self.path = path
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._rows = 0
        self._file = opened(root / path)
        form = path.rpartition(".")[2]
        self._encoder: Encoder = ENCODERS[form](schema, rows_per_group)
        self._put(self._encoder.begin())

    def add(self, rows: Sequence[Row]) -> None:
        self._rows += len(rows)
        self._put(self._encoder.add(rows))

    def finish(self) -> FileFacts:
        self._put(self._encoder.end())
        synced(self._file)
        return FileFacts(self.path, self._bytes, self._digest.hexdigest(), self._rows)

    def close(self) -> None:
        self._file.close()

    def _put(self, part: bytes) -> None:
        self._file.write(part)
        self._digest.update(part)
        self._bytes += len(part)


class RowFiles:
    """The files of one table: opened when their first row comes, finished together.

    A part without rows has no file: an empty one would only break those who read it.
    """

    def __init__(self, root: Path, schema: Schema, rows_per_group: int) -> None:
        self._root = root
        self._schema = schema
        self._rows_per_group = rows_per_group
        self._files: dict[str, RowFile] = {}
        self.finished: list[FileFacts] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.finished = [self._files[path].finish() for path in sorted(self._files)]
        for file in self._files.values():
            file.close()

    def add(self, paths: Iterable[str], rows: Sequence[Row]) -> None:
        """Write the rows into each of these files; the suffix names the format."""
        for path in paths:
            if path not in self._files:
                self._files[path] = RowFile(self._root, path, self._schema, self._rows_per_group)
            self._files[path].add(rows)


def write_text(root: Path, path: str, text: str, rows: int | None = None) -> FileFacts:
    """A small file written at once, UTF-8."""
    content = text.encode()
    with opened(root / path) as file:
        file.write(content)
        synced(file)
    return FileFacts(path, len(content), hashlib.sha256(content).hexdigest(), rows)


def opened(path: Path) -> IO[bytes]:
    """A new file, and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")


def synced(file: IO[bytes]) -> None:
    """Make sure that what was written survives a loss of power."""
    file.flush()
    os.fsync(file.fileno())


def sync_folders(root: Path) -> None:
    """The same for the names of files in a folder and below it."""
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
