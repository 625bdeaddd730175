"""Database connections: dropped when broken or old, given back, or not to be had."""

import sqlite3
from collections.abc import Iterator

from django.db import Error, OperationalError, connections

AWAY = ("08", "57P0", "53300")
"""How PostgreSQL's codes begin where it cannot be talked to, shuts down, starts, or is full up."""
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN)
"""SQLite's codes where others write for too long, or the file cannot be opened."""


def is_away(error: BaseException | None) -> bool:
    """Whether it says that the database could not be asked, or comes of that.

    A question that the database refuses is no such thing, whatever the type of its error.
    """
    return isinstance(error, Error) and any(map(_says_so, _with_causes(error)))


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _says_so(error: BaseException) -> bool:
    cause = error.__cause__
    if not isinstance(error, OperationalError) or cause is None:
        return False
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in BUSY
    # Without a code nothing came from the server: there was no connection, or it broke.
    code = getattr(cause, "sqlstate", None)
    return code is None or code.startswith(AWAY)


def renew_connections() -> None:
    """Close this thread's connections that are unusable or past their age, as a request would.

    One inside a transaction is left alone: closing it would break whoever opened that.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def release_connections() -> None:
    """Give back this thread's connections, for a thread that has nothing to ask for a while.

    One inside a transaction is left alone, too.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
