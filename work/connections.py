"""Database connections of long-running processes: dropped when broken or old, or given back."""

from django.db import connections


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
