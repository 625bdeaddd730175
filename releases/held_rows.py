"""Which rows of a release are a person's: found in its own files.

Found are the rows that are the person's own, are about them, or came of them; read from the files,
so that nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq

from releases.models import Release
from releases.splits import PARTS
from releases.subjects import refs_about
from releases.tables.registry import TABLES
from releases.tables.table import Table
from releases.tombstones import Stone

ROWS_AT_ONCE = 5_000

KINDS = {
    "judgments": "judgment",
    "attributes": "item",
    "relevance": "item",
    "responses": "item",
    "conversations": "conversation",
}
"""By table, what its key names, as a bundle calls it."""

COLUMNS = {
    "judgment": "judgment",
    "item": "item",
    "task": "task",
    "subject": "participant",
    "rater": "rater",
    "attribute": "attribute",
    "conversation": "conversation",
    "prompt": "prompt",
    "first": "response",
    "second": "response",
}
"""By column, what the refs in it name. A row is a person's if any of them is theirs."""

Refs = Mapping[str, set[str]]
"""By kind, the refs of a person's rows."""


def refs_of(person: UUID) -> Refs:
    """The refs of all rows about a person, by kind."""
    return dict(refs_about(person))


def stones_for(release: Release, refs: Refs) -> set[Stone]:
    """The rows of these refs that a release held.

    Where its files are gone, rows that it may have held: each of the refs in each table that
    could name it.
    """
    if not (release.folder / "data").is_dir():
        return {Stone(table, ref) for table, kind in KINDS.items() for ref in refs.get(kind, set())}
    return {stone for table in TABLES.values() for stone in _in_table(release.folder, table, refs)}


def _in_table(folder: Path, table: Table, refs: Refs) -> Iterator[Stone]:
    for part in PARTS:
        path = folder / "data" / table.name / f"{part}.parquet"
        if path.exists():
            for row in _rows(path):
                if _is_of(row, refs):
                    yield Stone(table.name, row[table.key])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        named = [name for name in COLUMNS if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=named):
            yield from batch.to_pylist()


def _is_of(row: Mapping[str, Any], refs: Refs) -> bool:
    return any(value in refs.get(COLUMNS[name], ()) for name, value in row.items())
