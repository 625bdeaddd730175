"""Statements whose plan PostgreSQL keeps: prepared at the first use, on each connection."""

from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg import sql


class KeepingCursor(ServerBindingCursor):
    """A cursor that prepares what it executes."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """The same text is planned once per connection."""
        done = super().execute(query, params, prepare=True, **options)  # type: ignore[misc]
        if connection.queries_logged:
            ours: Any = self  # what is prepared leaves no text behind
            ours._query = ours._convert_query(query, params)
        return done


def keeping_cursor(ours: Any) -> Any:
    """One on our connection, watched over by Django as its own cursors are."""
    ours.ensure_connection()
    cursor: Any = KeepingCursor
    return ours._prepare_cursor(cursor(ours.connection))


def literal(value: Any) -> str:
    """A value as PostgreSQL reads it in a statement's text."""
    connection.ensure_connection()
    return sql.Literal(value).as_string(connection.connection)
