"""The loadable data sets of a release, as the card and the Croissant file describe them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from releases.files import FileFacts
from releases.splits import PARTS
from releases.tables.registry import TABLES
from releases.tables.table import Source
from releases.trainers.registry import TRAINERS


@dataclass(frozen=True)
class Config:
    """One loadable data set of a release: its Parquet files by part, and its columns."""

    name: str
    title: str
    schema: pa.Schema
    files: Mapping[str, FileFacts]

    @property
    def rows(self) -> int:
        """How many rows its parts have together."""
        return sum(file.rows or 0 for file in self.files.values())


def configs_of(files: Sequence[FileFacts], source: Source) -> list[Config]:
    """The loadable data sets among these files; one without rows is none."""
    by_path = {file.path: file for file in files}
    found = [
        Config(t.name, t.title, t.schema(source).arrow(), _parts(by_path, f"data/{t.name}"))
        for t in TABLES.values()
    ] + [
        Config(t.name, t.title, t.schema.arrow(), _parts(by_path, f"trainers/{t.name}"))
        for t in TRAINERS.values()
    ]
    return [config for config in found if config.files]


def _parts(by_path: Mapping[str, FileFacts], stem: str) -> dict[str, FileFacts]:
    paths = {part: f"{stem}/{part}.parquet" for part in PARTS}
    return {part: by_path[path] for part, path in paths.items() if path in by_path}
