"""Rows as the database's driver gives them, where turning values costs more than reading them.

Ids and moments must be asked for as text (`as_text`); JSON comes as its text on both databases.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from work.statements import Compiled

ROWS_AT_A_TIME = 500
BY_KEYS = (
    "SELECT set_config(name, value, true) FROM (VALUES ('enable_hashjoin', 'off'), "
    "('enable_mergejoin', 'off'), ('enable_seqscan', 'off'), ('join_collapse_limit', '1'), "
    "('enable_bitmapscan', 'off'), ('enable_sort', 'off'), ('max_parallel_workers_per_gather', '0')"
    ") AS chosen (name, value)"
)
"""Until the transaction ends. Else PostgreSQL would read whole tables anew for every page as soon
as its statistics are old, and think for ten milliseconds about the order of ten joins; and it would
sort a page that an index has in order, so that nobody could work on its first rows meanwhile."""


def as_text(name: str) -> Cast:
    """A column of ids or moments, read as text."""
    return Cast(name, models.TextField())


class PlainRows:
    """The rows of a `values_list`, untouched, while the database still works on the next.

    For pages of rows that an index has in order: whatever else they refer to is looked up by its
    key. The statement is built once; what differs from page to page is `Given`.
    """

    def __init__(self, rows: models.QuerySet[Any, Any]) -> None:
        self._rows = rows
        self._known: dict[str, Compiled] = {}

    def first(self, size: int, **given: Any) -> Iterator[tuple[Any, ...]]:
        """So many; must be read to their end before anything else is asked on this connection."""
        compiled = self._known.get(connection.vendor)
        if compiled is None:
            compiled = self._known[connection.vendor] = self._compiled()
        sql, values = f"{compiled.sql} LIMIT {size}", compiled.values(given)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(BY_KEYS)
                yield from cursor.cursor.stream(sql, values, size=ROWS_AT_A_TIME)
            else:
                cursor.execute(sql, values)
                while found := cursor.fetchmany(ROWS_AT_A_TIME):
                    yield from found

    def _compiled(self) -> Compiled:
        return Compiled.of(*self._rows.query.sql_with_params())


def moment_of(text: str) -> datetime:
    """A moment that was read as text; both databases keep them in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else moment.replace(tzinfo=UTC)


def json_of(text: str | None) -> Any:
    """A JSON column's value."""
    return None if text is None else orjson.loads(text)


class Ids(dict[str, UUID]):
    """Ids by the texts that either database has for them, each parsed once."""

    def __missing__(self, text: str) -> UUID:
        found = self[text] = UUID(text)
        return found
