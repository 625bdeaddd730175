"""What a table is: a name, its columns, and its rows read from the database as they are wanted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from releases.columns import Schema
from releases.people import People, people_of
from releases.questions import Asked, asked_in
from studies.models import Study

Row = dict[str, Any]
"""A row by column name; every column of the table's schema is there."""


@dataclass(frozen=True)
class Source:
    """A study as exports see it: who allowed what and what was asked, read once."""

    study: Study
    people: People
    asked: Asked


def source_of(study: Study) -> Source:
    """The study with what every table needs to know of it. Four queries."""
    return Source(study, people_of(study), asked_in(study))


@dataclass(frozen=True)
class Table:
    """A kind of row that leaves the building.

    `rows` yields them in the order of `key`, a ref, by code point; several rows may share one.
    `rows_per_group` bounds memory: a Parquet row group is the most that is held at once.
    """

    name: str
    title: str
    key: str
    schema: Callable[[Source], Schema]
    rows: Callable[[Source], Iterator[Row]]
    formats: tuple[str, ...] = ("parquet", "jsonl", "csv")
    rows_per_group: int = 1_000
    withheld: str | None = None
    """The column that says whether words were held back, if the table has one."""
