"""What changed since the release before, and which ids were taken back."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pyarrow.parquet as pq

from releases.files import FileFacts, opened, synced
from releases.models import Release
from releases.splits import PARTS
from releases.tables.registry import TABLES
from releases.tables.table import Table
from releases.tombstones import Stone

IDS_AT_ONCE = 10_000

Id = tuple[str, bool]
"""A ref, and whether words of its row were withheld."""


@dataclass
class Changes:
    """One table's difference to the release before."""

    table: str
    counts: Counter[str] = field(default_factory=Counter)
    """Of ids: before, now, added, removed, and `words` (the row is there, its words are not)."""


def release_before(release: Release) -> Release | None:
    """The published release that this one follows."""
    return (
        Release.objects.filter(
            study=release.study_id, state=Release.State.PUBLISHED, version__lt=release.version
        )
        .order_by("-version")
        .first()
    )


def write_tombstones(
    root: Path, before: Path | None, carried: Iterable[Stone] = ()
) -> tuple[FileFacts, list[Changes]]:
    """Compare a folder with the release before it, without holding either in memory.

    `tombstones.jsonl` has a line per id taken back, by this release or any before it (`carried`):
    `removed` is "row" if it is gone, "words" if the row stayed and its words did not. An id that
    came back is in it no more.
    """
    changes: list[Changes] = []
    stones = sorted(carried)
    path = root / "tombstones.jsonl"
    with opened(path) as file:
        for table in TABLES.values():
            changes.append(Changes(table.name))
            old = [stone for stone in stones if stone.table == table.name]
            for ref, removed in _removed(table, before, root, old, changes[-1].counts):
                line = {"table": table.name, "id": ref, "removed": removed}
                file.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        synced(file)
    return _facts_of(path, _lines_in(path)), changes


def _lines_in(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _line in file)


def _removed(
    table: Table, before: Path | None, now: Path, carried: Iterable[Stone], counts: Counter[str]
) -> Iterator[tuple[str, str]]:
    """Ids that are gone, or whose words are; those of the release before are also counted."""
    old = _tagged(ids_in(before, table), 0) if before else iter(())
    new = _tagged(ids_in(now, table), 1)
    told = ((stone.ref, 2, stone.removed == "words") for stone in carried)
    for ref, found in groupby(merge(old, new, told), key=itemgetter(0)):
        sides = {side: is_withheld for _ref, side, is_withheld in found}
        counts.update({"before": 0 in sides, "now": 1 in sides})
        is_gone, is_wordless = 1 not in sides, sides.get(1, False)
        if is_gone and 0 in sides:
            counts["removed"] += 1
        elif not is_gone and 0 not in sides:
            counts["added"] += 1
        elif is_wordless and not sides[0]:
            counts["words"] += 1
        if is_gone:
            yield ref, "row"
        elif is_wordless and (2 in sides or not sides.get(0, True)):
            yield ref, "words"


def _tagged(ids: Iterable[Id], side: int) -> Iterator[tuple[str, int, bool]]:
    return ((ref, side, is_withheld) for ref, is_withheld in ids)


def ids_in(folder: Path, table: Table) -> Iterator[Id]:
    """A table's ids in a release's folder, sorted, each once. Parts are read side by side."""
    paths = [folder / "data" / table.name / f"{part}.parquet" for part in PARTS]
    files = [_read(path, table) for path in paths if path.exists()]
    rows = merge(*files, key=itemgetter(0))
    for ref, same in groupby(rows, key=itemgetter(0)):
        yield ref, any(is_withheld for _ref, is_withheld in same)


def _read(path: Path, table: Table) -> Iterator[Id]:
    columns = [table.key, *([table.withheld] if table.withheld else [])]
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=IDS_AT_ONCE, columns=columns):
            values = batch.to_pydict()
            withheld = values.get(table.withheld or "", [False] * batch.num_rows)
            yield from zip(values[table.key], withheld, strict=True)


def _facts_of(path: Path, rows: int) -> FileFacts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(path.name, path.stat().st_size, digest, rows)


def changes_text(release: Release, before: Release | None, changes: Iterable[Changes]) -> str:
    """`CHANGES.md`: ids per table before, now, added and taken back."""
    if before is None:
        lines = ["This is the first release: there is none to compare it with.", ""]
    else:
        lines = [f"Compared with release {before.version}, by id.", ""]
    lines += [
        "| table | before | now | added | removed | words removed |",
        "|---|---|---|---|---|---|",
    ]
    columns = ("before", "now", "added", "removed", "words")
    for each in changes:
        cells = " | ".join(f"{each.counts[column]:,}" for column in columns)
        lines.append(f"| {each.table} | {cells} |")
    lines += ["", "The ids taken back are in `tombstones.jsonl`."]
    return "\n".join([f"# Changes in release {release.version}", "", *lines, ""])
