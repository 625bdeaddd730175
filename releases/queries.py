"""Reads of releases and their files."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from releases.models import Release
from studies.models import Study

MANIFEST = "manifest.json"


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
