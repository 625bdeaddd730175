"""Everything held about a person, table by table and row by row, in constant memory."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from annotation.models import Rater
from releases.personal.tables import TABLES, Collected
from studies.models import Participant

Row = dict[str, Any]
ROWS_AT_ONCE = 500

BY = ("annotation.Judgment", "annotation.Assignment", "annotation.Skip")
"""Tables that say whose answer it is."""


def tables_about(person: Participant) -> Iterator[tuple[str, Collected, Iterator[Row]]]:
    """Each table's name, what it is, and its rows about the person."""
    for label, table in TABLES.items():
        yield label, table, rows_of(label, table, person)


def rows_of(label: str, table: Collected, person: Participant) -> Iterator[Row]:
    """A table's rows about the person, by column; who answered is told as far as it is theirs."""
    rows = _found(label, table, person)
    if label in BY:
        rows = rows.select_related("rater")
    columns = [one for one in rows.model._meta.concrete_fields if not table.leaves_out(one.name)]
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        found = {one.attname: getattr(row, one.attname) for one in columns}
        yield found | ({"by": _by(row.rater, person)} if label in BY else {})


def _found(label: str, table: Collected, person: Participant) -> QuerySet[Any]:
    """A query per path for the keys: one condition with all of them would read whole tables."""
    model: Any = apps.get_model(label)
    keys: set[Any] = set()
    for path in table.paths:
        keys.update(model._base_manager.filter(**{path: person.pk}).values_list("pk", flat=True))
    found: QuerySet[Any] = model._base_manager.filter(pk__in=keys).order_by(*table.order)
    return found


def _by(rater: Rater | None, person: Participant) -> str | None:
    if rater is None:
        return None
    if rater.participant_id == person.pk:
        return "you"
    return rater.model if rater.kind == Rater.Kind.LLM else "somebody else"
