"""Emptying the database after a test that commits: only the tables that hold rows.

Django truncates all of them, which makes hundreds of files anew, and has every package fill in
again what migrating left: half a second a test. Sequences go on, as they do there.
"""

from contextlib import suppress

from django.db import IntegrityError, connections, transaction
from django.test import TransactionTestCase

MOST_TIMES = 5
LEFT = {"django_content_type", "auth_permission"}
"""Filled in by migrating and changed by nobody since."""


def delete_rows(case: TransactionTestCase) -> None:
    """In place of `TransactionTestCase._fixture_teardown`."""
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        _empty(alias)


def _empty(alias: str) -> None:
    """A page that was closed may have asked for something a moment before, such as its draft."""
    for _time in range(MOST_TIMES - 1):
        with suppress(IntegrityError):
            return _delete_from(alias)
    return _delete_from(alias)


def _delete_from(alias: str) -> None:
    connection = connections[alias]
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [connection.ops.quote_name(name) for name in sorted({*names} - LEFT)]
    looks = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    # Foreign keys are looked at when all is gone.
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
