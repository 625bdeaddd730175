"""Tables and trainer files written in parts: train, validation and test."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from releases.batches import batches
from releases.files import FileFacts, RowFiles
from releases.splits import Splits
from releases.tables.registry import TABLES
from releases.tables.table import Row, Source, Table
from releases.trainers.registry import TRAINERS
from releases.trainers.trainer import Example, Trainer

ROWS_AT_ONCE = 500
TABLE_FOLDERS = {"parquet": "data", "jsonl": "jsonl", "csv": "csv"}
TRAINER_FOLDERS = {"parquet": "trainers", "jsonl": "jsonl/trainers"}
"""Where things lie in a release, by format."""

KeepAlive = Callable[[], None]
"""Called now and then while building, so that the job's lease can be renewed."""


def write_table(
    root: Path, table: Table, source: Source, splits: Splits, keep_alive: KeepAlive
) -> list[FileFacts]:
    """A table's files in all its formats, in parts."""
    with RowFiles(root, table.schema(source), table.rows_per_group) as files:
        for batch in batches(table.rows(source), ROWS_AT_ONCE):
            for part, rows in _by_part(batch, splits).items():
                files.add(table_paths(table, part), rows)
            keep_alive()
    return files.finished


def _by_part(rows: Iterable[Row], splits: Splits) -> dict[str, list[Row]]:
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parts[splits.part(row)].append(row)
    return parts


def table_paths(table: Table, part: str) -> list[str]:
    """Where a part of a table lies, once per format."""
    return [f"{TABLE_FOLDERS[form]}/{table.name}/{part}.{form}" for form in table.formats]


def write_trainer(
    root: Path,
    trainer: Trainer,
    source: Source,
    splits: Splits,
    keep_alive: KeepAlive,
    folders: Mapping[str, str] = TRAINER_FOLDERS,
) -> list[FileFacts]:
    """A trainer's files, in each format's folder one folder named after it.

    Beside each lies its sidecar of ids, `….meta.…`, row by row.
    """
    stems = [(form, f"{folder}/{trainer.name}") for form, folder in folders.items()]
    with (
        RowFiles(root, trainer.schema, ROWS_AT_ONCE) as files,
        RowFiles(root, trainer.meta_schema, ROWS_AT_ONCE) as sidecars,
    ):
        for batch in batches(trainer.examples(source), ROWS_AT_ONCE):
            for part, examples in _examples_by_part(batch, splits).items():
                paths = [f"{stem}/{part}.{form}" for form, stem in stems]
                beside = [f"{stem}/{part}.meta.{form}" for form, stem in stems]
                files.add(paths, [example.columns for example in examples])
                sidecars.add(beside, [example.meta for example in examples])
            keep_alive()
    return files.finished + sidecars.finished


def _examples_by_part(examples: Iterable[Example], splits: Splits) -> dict[str, list[Example]]:
    parts: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        parts[splits.part(example.about)].append(example)
    return parts


def write_rows(
    root: Path, source: Source, splits: Splits, keep_alive: KeepAlive
) -> list[FileFacts]:
    """All files of rows that a release holds."""
    files: list[FileFacts] = []
    for table in TABLES.values():
        files += write_table(root, table, source, splits, keep_alive)
    for trainer in TRAINERS.values():
        files += write_trainer(root, trainer, source, splits, keep_alive)
    return files
