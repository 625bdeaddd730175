"""Writing very many rows at once: COPY on PostgreSQL, one prepared INSERT elsewhere."""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Row = Sequence[Any]
Field: TypeAlias = "models.Field[Any, Any]"
Way = Callable[[Sequence[Any]], Sequence[str]]
"""Writes the values of a column in the text format of COPY."""

ROWS_AT_A_TIME = 500
NULL = r"\N"
ESCAPES = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
"""What COPY would take for something else."""
TABLE = str.maketrans(ESCAPES)

KEYS = {"id", "ref"}
SMALL_SAMPLE = "SELECT set_config('default_statistics_target', '10', true)"
"""Of 3,000 rows; until the transaction ends."""
VERSION_7 = 0x7 << 76 | 0b10 << 62
"""The version and variant of a UUID."""
RANDOM_BITS = (1 << 76) - 1 ^ 0b11 << 62
"""All below the version but the variant."""


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Insert rows of values in the order of `columns` (field names, `…_id` for keys).

    Columns not named get what the database itself gives them, so every field without a
    `db_default` has to be named, except an automatic primary key. Values are those that a model
    instance would hold; JSON is given as plain values. Returns the number of rows.
    """
    connection = connections[using]
    fields: list[Field] = [
        model._meta.get_field(_field_name(name))  # type: ignore[misc]
        for name in columns
    ]
    write = _copy if connection.vendor == "postgresql" else _execute_many
    return write(connection, model._meta.db_table, fields, iter(rows))


def refresh_statistics(model: type[models.Model], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell PostgreSQL's planner about rows that this very transaction has inserted.

    From a small sample of the columns by which rows are found: texts cost ten times as much.
    PostgreSQL looks at all of the table itself when the transaction has ended.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        fields = model._meta.concrete_fields
        found_by = [str(one.column) for one in fields if one.is_relation or one.name in KEYS]
        table = _names(connection, [model._meta.db_table])
        with connection.cursor() as cursor:
            cursor.execute(SMALL_SAMPLE)
            cursor.execute(f"ANALYZE {table} ({_names(connection, found_by)})")


def new_id() -> UUID:
    """A key for a row among very many: a random one after a time (version 7 of RFC 9562).

    Keys that grow are put at the end of each index instead of all over it.
    """
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | VERSION_7 | random.getrandbits(76) & RANDOM_BITS)


def _field_name(column: str) -> str:
    return column.removesuffix("_id")


def _copy(
    connection: BaseDatabaseWrapper, table: str, fields: Sequence[Field], rows: Iterator[Row]
) -> int:
    """A portion at a time, so that the server stores one while the next is written out."""
    portion = list(islice(rows, ROWS_AT_A_TIME))
    if not portion:
        return 0
    count, ways = 0, [_way_of(field) for field in fields]
    sql = f"COPY {_names(connection, [table])} ({_columns(connection, fields)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(sql) as copy:
        while portion:
            copy.write(_lines(ways, portion))
            count += len(portion)
            portion = list(islice(rows, ROWS_AT_A_TIME))
    return count


def _lines(ways: Sequence[Way], rows: Sequence[Row]) -> str:
    """Column by column: asking each value alone what it is takes twice as long."""
    columns = [way(values) for way, values in zip(ways, zip(*rows, strict=True), strict=True)]
    return "\n".join([*map("\t".join, zip(*columns, strict=True)), ""])


def _way_of(field: Field) -> Way:
    if isinstance(field, models.ForeignKey):
        return _way_of(field.target_field)
    return next((way for kind, way in WAYS.items() if isinstance(field, kind)), _plain)


def _text(values: Sequence[str | None]) -> Sequence[str]:
    said = "".join([value for value in values if value is not None])
    if any(mark in said for mark in ESCAPES):
        return [NULL if value is None else value.translate(TABLE) for value in values]
    return [NULL if value is None else value for value in values]


def _json(values: Sequence[Any]) -> Sequence[str]:
    return _text([None if value is None else _as_json(value) for value in values])


def _id(values: Sequence[UUID | None]) -> Sequence[str]:
    return [NULL if value is None else value.hex for value in values]


def _boolean(values: Sequence[bool | None]) -> Sequence[str]:
    return [NULL if value is None else "t" if value else "f" for value in values]


def _plain(values: Sequence[Any]) -> Sequence[str]:
    """Numbers and moments: nothing in their text would be taken for something else."""
    return [NULL if value is None else str(value) for value in values]


WAYS: dict[type[Field], Way] = {
    models.JSONField: _json,
    models.CharField: _text,
    models.TextField: _text,
    models.UUIDField: _id,
    models.BooleanField: _boolean,
}


def _execute_many(
    connection: BaseDatabaseWrapper, table: str, fields: Sequence[Field], rows: Iterator[Row]
) -> int:
    changes = [_preparation(field, connection) for field in fields]
    prepared = [[change(value) for change, value in zip(changes, row, strict=True)] for row in rows]
    marks = ", ".join(["%s"] * len(fields))
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {_names(connection, [table])} "  # noqa: S608
                f"({_columns(connection, fields)}) VALUES ({marks})",
                prepared,
            )
    return len(prepared)


def _preparation(field: Field, connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """What turns a value into the database's."""
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else _as_json(value)
    return lambda value: None if value is None else field.get_db_prep_save(value, connection)


ENCODER = json.JSONEncoder(ensure_ascii=False)


def _as_json(value: Any) -> str:
    if not value and isinstance(value, dict | list):  # most are empty, and encoding costs
        return "{}" if isinstance(value, dict) else "[]"
    return ENCODER.encode(value)


def _columns(connection: BaseDatabaseWrapper, fields: Iterable[Field]) -> str:
    return _names(connection, [str(field.column) for field in fields])


def _names(connection: BaseDatabaseWrapper, names: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)
