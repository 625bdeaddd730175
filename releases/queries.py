"""Reads of releases and their files."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from releases.models import Release
from releases.tombstones import FILE as TOMBSTONES
from releases.tombstones import stones_of
from studies.models import Study

MANIFEST = "manifest.json"
__all__ = [
    "MANIFEST",
    "TOMBSTONES",
    "ReleasedFile",
    "is_withdrawn",
    "released_file",
    "releases_of",
    "tombstone_lines",
]


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a published release; its digest is the ETag."""

    path: Path
    name: str
    bytes: int
    sha256: str


def releases_of(study: Study) -> list[Release]:
    """A study's releases, the newest first."""
    return list(Release.objects.filter(study=study).order_by("-version"))


def is_withdrawn(release: Release) -> bool:
    """Were its files deleted because somebody in it was erased?"""
    return release.state == Release.State.WITHDRAWN


def tombstone_lines(release: Release) -> Iterator[bytes]:
    """What copies of a withdrawn release must delete, as JSON lines in constant memory."""
    for stone in stones_of(release):
        yield f"{json.dumps(stone, ensure_ascii=False)}\n".encode()


def released_file(release: Release, name: str) -> ReleasedFile | None:
    """The file of this name (its path in the manifest, as `data/judgments/train.parquet`).

    None if the release is not published or names no such file, so no path can lead outside.
    """
    if release.state != Release.State.PUBLISHED:
        return None
    if name == MANIFEST:
        # It holds the digests of all others and so cannot hold its own.
        content = (release.folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        return ReleasedFile(release.folder / name, name, len(content), digest)
    for file in release.manifest["files"]:
        if file["path"] == name:
            return ReleasedFile(release.folder / name, name, file["bytes"], file["sha256"])
    return None
