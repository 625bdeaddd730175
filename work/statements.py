"""Statements that are built once and executed many times.

For the ORM to build a statement takes several times as long as for the database to answer it
(docs/decisions/0021). What is done for every job, call and judgment is therefore said in querysets
like all else, but compiled only at the first time; what differs from time to time is `Given`.
PostgreSQL keeps its plan of such a statement as long as the connection lasts (0023).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery

Row = TypeVar("Row", bound=models.Model)
Read = Callable[[Sequence[Any]], Any]


class Given(Expression):
    """A value that is told when the statement is executed, under this name."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name, self.prepared = name, field.get_db_prep_save

    @classmethod
    def of(cls, model: type[models.Model], name: str) -> "Given":
        """A value for this field of the model."""
        field = model._meta.get_field(name)
        assert isinstance(field, Field)
        return cls(name, field)

    @classmethod
    def of_delay(cls, name: str) -> "Given":
        """A time span."""
        return cls(name, models.DurationField())

    def as_sql(self, *_: Any) -> tuple[str, Any]:
        """A placeholder, and itself in the place of the value."""
        return "%s", (self,)


@dataclass(frozen=True)
class Compiled:
    """A statement in the words of one kind of database."""

    sql: str
    params: tuple[Any, ...]
    is_kept: bool
    """Does the database keep its plan?"""

    @classmethod
    def of(cls, sql: str, params: Sequence[Any]) -> "Compiled":
        """As the database at hand takes it."""
        if connection.vendor != "postgresql":
            return cls(sql, tuple(params), is_kept=False)
        # What never differs is written out: a plan for whatever value could use no partial index.
        given = tuple(param for param in params if isinstance(param, Given))
        return cls(_written_out(sql, list(params)), given, is_kept=True)

    def execute(self, given: Mapping[str, Any]) -> Any:
        """A cursor that has executed it with these values; its user closes it."""
        ours = connections[DEFAULT_DB_ALIAS]  # looked up once, not for each value
        cursor = _keeping_cursor(ours) if self.is_kept else ours.cursor()
        cursor.execute(self.sql, self.values(given, ours))
        return cursor

    def values(self, given: Mapping[str, Any], ours: Any = connection) -> list[Any]:
        """What stands for its placeholders, as our connection takes it."""
        return [_told(param, given, ours) for param in self.params]


def _keeping_cursor(ours: Any) -> Any:
    from work.plans import keeping_cursor

    return keeping_cursor(ours)


def _written_out(sql: str, params: list[Any]) -> str:
    """The text with all values in it but those that are given."""
    from work.plans import literal

    values = iter(params)

    def filled(found: "re.Match[str]") -> str:
        if found[0] == "%%":
            return "%%"
        value = next(values)
        return "%s" if isinstance(value, Given) else literal(value).replace("%", "%%")

    return re.sub("%%|%s", filled, sql)


def _told(param: Any, given: Mapping[str, Any], ours: Any) -> Any:
    if not isinstance(param, Given):
        return param
    return param.prepared(given[param.name], ours)


class Change:
    """An UPDATE: `Change(rows, field=value, ...)`; called with what is given, it counts the rows.

    Values may be expressions, and expressions may hold what is given.
    """

    def __init__(self, rows: QuerySet[Any], **changes: Any) -> None:
        self._rows, self._changes = rows, changes
        self._known: dict[str, Compiled] = {}

    def __call__(self, **given: Any) -> int:
        compiled = self._known.get(connection.vendor)
        if compiled is None:
            compiled = self._known[connection.vendor] = self._compiled()
        with compiled.execute(given) as cursor:
            return int(cursor.rowcount)

    def _compiled(self) -> Compiled:
        query: Any = self._rows.query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return Compiled.of(sql, params)


class Insert:
    """An INSERT of one whole object, with its key; called with the object.

    What the database is to fill in, of the fields named `by_database`, is not read from it.
    """

    def __init__(self, model: type[models.Model], *, by_database: Sequence[str] = ()) -> None:
        self._model, self._by_database = model, by_database
        self._known: dict[str, Compiled] = {}

    def __call__(self, row: models.Model) -> None:
        compiled = self._known.get(connection.vendor)
        if compiled is None:
            compiled = self._known[connection.vendor] = self._compiled()
        compiled.execute(
            {field.attname: field.pre_save(row, True) for field in self._told()}
        ).close()
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    def _told(self) -> list[Any]:
        fields = self._model._meta.concrete_fields
        return [field for field in fields if field.name not in self._by_database]

    def _compiled(self) -> Compiled:
        example = self._model()
        for field in self._told():
            setattr(example, field.attname, Given(field.attname, field))
        query: Any = InsertQuery(self._model)
        query.insert_values(self._told(), [example])
        ((sql, params),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return Compiled.of(sql, params)


class Select(Generic[Row]):
    """A SELECT of a model's rows, as objects; what is annotated are attributes of theirs."""

    def __init__(self, rows: QuerySet[Row, Any]) -> None:
        self._rows = rows
        self._known: dict[str, tuple[Compiled, Read]] = {}

    def __call__(self, **given: Any) -> list[Row]:
        return list(self._read(given))

    def _read(self, given: Mapping[str, Any]) -> list[Any]:
        known = self._known.get(connection.vendor)
        if known is None:
            known = self._known[connection.vendor] = self._compiled()
        compiled, read = known
        with compiled.execute(given) as cursor:
            return [read(row) for row in cursor.fetchall()]

    def _compiled(self) -> tuple[Compiled, Read]:
        compiler = self._rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        convert, make = _converter(compiler), self._maker(compiler)
        return Compiled.of(sql, params), lambda row: make(convert(row))

    def _maker(self, compiler: Any) -> Read:
        """What makes an object of the values of a row, with those it is selected with."""
        known = compiler.klass_info
        start, stop = known["select_fields"][0], known["select_fields"][-1] + 1
        fields = [compiler.select[at][0].target.attname for at in range(start, stop)]
        related: Any = get_related_populators
        populators = related(known, compiler.select, DEFAULT_DB_ALIAS)
        from_db = self._rows.model.from_db

        def made(values: Sequence[Any]) -> Row:
            row = from_db(DEFAULT_DB_ALIAS, fields, values[start:stop])
            for populator in populators:
                populator.populate(values, row)
            for name, position in compiler.annotation_col_map.items():
                setattr(row, name, values[position])
            return row

        return made


class SelectValues(Select[Row]):
    """A SELECT of `values`: its rows are dictionaries."""

    def __call__(self, **given: Any) -> list[Any]:
        return self._read(given)

    def _maker(self, compiler: Any) -> Read:
        names = list(compiler.query.selected)
        return lambda values: dict(zip(names, values, strict=True))


def _converter(compiler: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """What makes values of a row as the database gives it."""
    converters = compiler.get_converters([column for column, *_ in compiler.select])

    def converted(row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for position, (converts, expression) in converters.items():
            for convert in converts:
                values[position] = convert(values[position], expression, connection)
        return values

    return converted
