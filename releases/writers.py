"""Rows as JSONL, CSV or Parquet bytes, a batch at a time; equal rows give equal bytes.

CSV keeps every value's bytes: files are for programs, so a text that begins with "=" is not
disarmed for spreadsheets (that would change the data). Null and the empty text are both the empty
cell; lists and structs are JSON.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import orjson

from releases.columns import Schema
from releases.tables.table import Row

if TYPE_CHECKING:
    import pyarrow as pa

AnySchema: TypeAlias = "Schema | pa.Schema"
"""Arrow is loaded only where Parquet is written."""
LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class Encoder(Protocol):
    """Turns batches of rows into a file's bytes, in three parts."""

    def begin(self) -> bytes:
        """What stands before the first row."""

    def add(self, rows: Sequence[Row]) -> bytes:
        """The next rows, or nothing yet if they are kept to be written with the next ones."""

    def end(self) -> bytes:
        """What was kept, and what stands after the last row."""


class JsonLines:
    """One JSON object per line, columns in the schema's order, UTF-8."""

    def __init__(self, schema: AnySchema, rows_per_group: int) -> None:
        self._names = tuple(schema.names)

    def begin(self) -> bytes:
        return b""

    def add(self, rows: Sequence[Row]) -> bytes:
        return b"".join([line_of(self._ordered(row)) for row in rows])

    def end(self) -> bytes:
        return b""

    def _ordered(self, row: Row) -> Row:
        """As it is, if its columns stand in order already: putting them there takes longer."""
        return row if tuple(row) == self._names else {name: row[name] for name in self._names}


def line_of(row: Row) -> bytes:
    """A row as a line of JSON. Raises TypeError for what is no value of a table."""
    return orjson.dumps(row, option=LINE)


class Csv:
    """RFC 4180 with a header line, UTF-8 without a mark, CRLF line ends."""

    def __init__(self, schema: AnySchema, rows_per_group: int) -> None:
        self._names = list(schema.names)

    def begin(self) -> bytes:
        return self._lines([self._names])

    def add(self, rows: Sequence[Row]) -> bytes:
        return self._lines([[cell(row[name]) for name in self._names] for row in rows])

    def end(self) -> bytes:
        return b""

    def _lines(self, rows: Sequence[Sequence[Any]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()


class Parquet:
    """Parquet with the table's schema and row groups of a fixed number of rows.

    Where batches begin and end leaves no trace in the bytes.
    """

    def __init__(self, schema: AnySchema, rows_per_group: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = schema.arrow() if isinstance(schema, Schema) else schema
        self._size = rows_per_group
        self._kept: list[Row] = []
        self._sink = Drain()
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd", version="2.6"
        )

    def begin(self) -> bytes:
        return self._sink.take()

    def add(self, rows: Sequence[Row]) -> bytes:
        self._kept.extend(rows)
        while len(self._kept) >= self._size:
            self._write(self._kept[: self._size])
            del self._kept[: self._size]
        return self._sink.take()

    def end(self) -> bytes:
        if self._kept:
            self._write(self._kept)
        self._writer.close()
        return self._sink.take()

    def _write(self, rows: list[Row]) -> None:
        import pyarrow as pa

        table = pa.Table.from_pylist(rows, schema=self._schema)
        self._writer.write_table(table, row_group_size=self._size)


class Drain(io.RawIOBase):
    """A file to write into whose bytes are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, part: Any) -> int:
        # A copy: Arrow lends its buffer for the time of the call only.
        self._parts.append(bytes(part))
        self._written += len(self._parts[-1])
        return len(self._parts[-1])

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


ENCODERS: dict[str, type[JsonLines] | type[Csv] | type[Parquet]] = {
    "jsonl": JsonLines,
    "csv": Csv,
    "parquet": Parquet,
}
"""By format, which is also the file's suffix."""


def encoded(
    batches: Iterator[Sequence[Row]], *, schema: AnySchema, form: str, rows_per_group: int
) -> Iterator[bytes]:
    """A whole file's bytes in parts; at most a row group is held in memory."""
    encoder: Encoder = ENCODERS[form](schema, rows_per_group)
    if begun := encoder.begin():
        yield begun
    for batch in batches:
        if part := encoder.add(batch):
            yield part
    if ended := encoder.end():
        yield ended


def cell(value: Any) -> Any:
    """A value as a CSV cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=instant)
    return instant(value) if isinstance(value, datetime) else value


def instant(value: Any) -> str:
    """A moment as JSON has it: ISO 8601 in UTC, ending in Z."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is no value of a table")
    return value.isoformat().replace("+00:00", "Z")
