"""What a format is: one file that yields the lines of a bundle from files of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releases.bundle.lines import Fault, Line

Findings = dict[str, Any]
"""What an importer counted in the files, for the report."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way in: how to read its files, and what a study made from them asks."""

    name: str
    read: Callable[[Sequence[Path], Findings], Iterator[Line | Fault]]
    document: Callable[[str], Mapping[str, Any]] | None = None
    """slug → the study document for `--create`; None where the files carry it themselves."""
