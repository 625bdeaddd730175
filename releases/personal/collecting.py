"""Everything held about a person, table by table and row by row, in constant memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from annotation.models import Rater
from releases.personal.holding_back import RECALL_FIRST, HeldBack
from releases.personal.tables import TABLES, Collected
from studies.models import Participant

Row = dict[str, Any]
ROWS_AT_ONCE = 500

BY = ("annotation.Judgment", "annotation.Assignment", "annotation.Skip")
"""Tables that say whose answer it is."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the download."""

    label: str
    about: Collected
    rows: Iterator[Row]
    held_back: int = 0
    """How many rows are not shown yet."""

    @property
    def note(self) -> str:
        """Why not; empty where all are shown."""
        return f"{RECALL_FIRST} ({self.held_back})." if self.held_back else ""


def tables_about(person: Participant) -> Iterator[Table]:
    """Each table with its rows about the person."""
    held = HeldBack(person)
    for label, about in TABLES.items():
        found, count = held.left_of(label, _found(label, about, person))
        rows = (held.shown(label, row) for row in _rows_of(label, about, found, person))
        yield Table(label, about, rows, count)


def _rows_of(
    label: str, table: Collected, rows: QuerySet[Any], person: Participant
) -> Iterator[Row]:
    """A table's rows by column; who answered is told as far as it is theirs."""
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
