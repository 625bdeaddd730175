"""Writing very many rows at once: COPY on PostgreSQL, one prepared INSERT elsewhere."""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Row = Sequence[Any]

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
    fields: list[models.Field[Any, Any]] = [
        model._meta.get_field(_field_name(name))  # type: ignore[misc]
        for name in columns
    ]
    given = list(rows)
    if given:
        changes = [_preparation(field, connection) for field in fields]
        prepared = _prepared(given, [(n, change) for n, change in enumerate(changes) if change])
        write = _copy if connection.vendor == "postgresql" else _execute_many
        write(connection, model._meta.db_table, [str(field.column) for field in fields], prepared)
    return len(given)


def refresh_statistics(model: type[models.Model], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell PostgreSQL's planner about rows that this very transaction has inserted."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def new_id() -> UUID:
    """A key for a row among very many: a random one after a time (version 7 of RFC 9562).

    Keys that grow are put at the end of each index instead of all over it.
    """
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | VERSION_7 | random.getrandbits(76) & RANDOM_BITS)


def _field_name(column: str) -> str:
    return column.removesuffix("_id")


def _prepared(
    rows: Iterable[Row], changes: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterator[list[Any]]:
    """One by one, so that the server stores the first while the last are prepared."""
    for row in rows:
        values = list(row)
        for n, change in changes:
            if values[n] is not None:
                values[n] = change(values[n])
        yield values


def _preparation(
    field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper
) -> Callable[[Any], Any] | None:
    """What turns a value into the database's; None where it goes in as it is."""
    if isinstance(field, models.JSONField):
        return _as_json
    if connection.vendor == "postgresql":
        return None  # psycopg adapts UUIDs, times and numbers by itself
    return lambda value: field.get_db_prep_save(value, connection)


ENCODER = json.JSONEncoder(ensure_ascii=False)


def _as_json(value: Any) -> str:
    if not value and isinstance(value, dict | list):  # most are empty, and encoding costs
        return "{}" if isinstance(value, dict) else "[]"
    return ENCODER.encode(value)


def _copy(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    sql = f"COPY {_names(connection, [table])} ({_names(connection, columns)}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(sql) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _execute_many(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    marks = ", ".join(["%s"] * len(columns))
    names = _names(connection, columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_names(connection, [table])} ({names}) VALUES ({marks})",  # noqa: S608
            list(rows),
        )


def _names(connection: BaseDatabaseWrapper, names: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)
