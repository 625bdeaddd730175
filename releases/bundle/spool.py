"""Lines put aside by kind on disk, so that their order in the files does not matter."""

import marshal
import struct
import tempfile
from collections.abc import Iterator
from typing import IO

from releases.bundle.lines import Line
from releases.bundle.records import RECORDS

LINES_AT_A_TIME = 2_000
BYTES_AT_A_TIME = 4_000_000
LENGTH = struct.Struct("<I")


class Spool:
    """One temporary file per kind; a context manager, and the files are gone with it."""

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}
        self.counts = dict.fromkeys(RECORDS, 0)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._files.values():
            file.close()

    def add(self, line: Line) -> None:
        """Put a line aside."""
        if line.kind not in self._files:
            self._files[line.kind] = tempfile.TemporaryFile()  # noqa: SIM115  closed on exit
        packed = marshal.dumps((line.file, line.number, line.record))
        self._files[line.kind].write(LENGTH.pack(len(packed)) + packed)
        self.counts[line.kind] += 1

    def chunks(self, kind: str) -> Iterator[list[Line]]:
        """A kind's lines in the order they came, in portions bounded by number and size."""
        file = self._files.get(kind)
        if file is None:
            return
        file.seek(0)
        chunk: list[Line] = []
        size = 0
        while head := file.read(LENGTH.size):
            packed = file.read(LENGTH.unpack(head)[0])
            name, number, record = marshal.loads(packed)  # noqa: S302  we wrote it ourselves
            chunk.append(Line(name, number, kind, record))
            size += len(packed)
            if len(chunk) == LINES_AT_A_TIME or size > BYTES_AT_A_TIME:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk
