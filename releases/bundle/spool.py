"""Lines put aside by kind on disk, so that their order in the files does not matter."""

import marshal
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import IO

from releases.bundle.lines import Line
from releases.bundle.records import RECORDS

LINES_AT_A_TIME = 2_000
BYTES_AT_A_TIME = 4_000_000
BYTES_KEPT = 256 * 1024
"""Of each kind in memory: a file otherwise writes eight thousand at a time."""


class Spool:
    """One temporary file per kind; a context manager, and the files are gone with it."""

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}
        self._lengths: dict[str, array[int]] = {}
        self.counts = dict.fromkeys(RECORDS, 0)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, line: Line) -> None:
        """Put a line aside."""
        kind = line.kind
        if kind not in self._files:
            file = tempfile.TemporaryFile(buffering=BYTES_KEPT)  # noqa: SIM115  closed on exit
            self._files[kind] = file
            self._lengths[kind] = array("L")
        packed = marshal.dumps((line.file, line.number, kind, line.record))
        self._files[kind].write(packed)
        self._lengths[kind].append(len(packed))
        self.counts[kind] += 1

    def chunks(self, kind: str) -> Iterator[list[Line]]:
        """A kind's lines in the order they came, in portions bounded by number and size."""
        file = self._files.get(kind)
        if file is None:
            return
        file.seek(0)
        for lengths in self._portions(kind):
            yield list(_unpacked(file.read(sum(lengths)), lengths))

    def _portions(self, kind: str) -> Iterator[list[int]]:
        portion: list[int] = []
        size = 0
        for length in self._lengths[kind]:
            portion.append(length)
            size += length
            if len(portion) == LINES_AT_A_TIME or size > BYTES_AT_A_TIME:
                yield portion
                portion, size = [], 0
        if portion:
            yield portion


def _unpacked(packed: bytes, lengths: Iterable[int]) -> Iterator[Line]:
    block = memoryview(packed)
    start = 0
    for length in lengths:
        yield Line._make(marshal.loads(block[start : start + length]))  # noqa: S302  we wrote it
        start += length
