"""Finding rows by very many values at once."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler


class Among(In):
    """`IN` with an array for its one parameter on PostgreSQL.

    A parameter for each value costs more time than the query itself.
    """

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        """The driver itself knows how to write texts and UUIDs."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


def among(field: str, values: Iterable[Any]) -> Among:
    """A condition for `filter`: the field (a key as `…_id`) has one of these texts or UUIDs."""
    return Among(F(field), list(values))
