"""Which released rows were taken back: told to whoever copied them.

A row that a release held is named by its table and its id there.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from releases.models import Release, Tombstone

FILE = "tombstones.jsonl"


class Stone(NamedTuple):
    """A row taken back: the table it stood in, its id there, and whether only its words went."""

    table: str
    ref: str
    removed: str = Tombstone.Removed.ROW


def stones_of(release: Release) -> Iterator[dict[str, str]]:
    """What of a release has to be deleted, as lines of its `tombstones.jsonl`."""
    for table, ref, removed in release.tombstones.values_list("kind", "ref", "removed").iterator():
        yield {"table": table, "id": ref, "removed": removed}


def earlier_stones(release: Release) -> set[Stone]:
    """What the release itself says was taken back before it; its file of that goes with it."""
    path = release.folder / FILE
    return set(_stones_in(path)) if path.exists() else set()


def _stones_in(path: Path) -> Iterator[Stone]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            yield Stone(entry["table"], entry["id"], entry["removed"])


def stones_before(release: Release, before: Release | None) -> set[Stone]:
    """All that was taken back up to a release: told by the one before it and by withdrawn ones."""
    withdrawn = Tombstone.objects.filter(
        release__study=release.study_id, release__version__lt=release.version
    )
    told = {Stone(*row) for row in withdrawn.values_list("kind", "ref", "removed").iterator()}
    return told | (earlier_stones(before) if before else set())
