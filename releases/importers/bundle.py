"""The bundle: folders or files of our own lines, described in `docs/formats.md`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from releases.bundle.lines import Fault, Line, read_paths
from releases.importers.format import Findings, Format


def read(paths: Sequence[Path], findings: Findings) -> Iterator[Line | Fault]:
    """The lines as they stand."""
    return read_paths(paths)


BUNDLE = Format(name="bundle", read=read)
