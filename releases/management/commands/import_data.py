"""Bring data into a study: a bundle, or files of a published data set."""

import gc
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from releases.actions.importing import Progress as Watcher
from releases.actions.importing import Report, import_files, no_progress
from releases.actions.loading.load import ImportRefused
from releases.importers.registry import FORMATS
from studies.command import StudyCommand

ALLOCATIONS_BETWEEN = 50_000
"""Allocations more than frees between two looks for garbage."""


class Command(StudyCommand):
    """`manage.py import_data --study SLUG --format bundle|laps|ikat|pandalm PATH [PATH …]`"""

    help = "Bring data into a study: a bundle, or files of a published data set."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """What, and where to."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=sorted(FORMATS), default="bundle")
        parser.add_argument("--create", action="store_true", help="make the study")
        parser.add_argument(
            "--skip-bad", action="store_true", help="leave wrong lines out and list them"
        )
        parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)

    def act(self, **options: Any) -> dict[str, Any]:
        """Import; the report goes to stdout, everything refused to stderr."""
        try:
            with watched() as progress, rare_collections():
                report = import_files(
                    slug=options["study"],
                    format=FORMATS[options["format"]],
                    paths=options["paths"],
                    create=options["create"],
                    skip_bad=options["skip_bad"],
                    progress=progress,
                )
        except ImportRefused as refusal:
            for fault in refusal.faults:
                self.stderr.write(str(fault))
            raise CommandError(refusal.sentence) from None
        for fault in report.faults:
            self.stderr.write(str(fault))
        if not options["json"]:
            self._print(report)
        return report.as_json()

    def _print(self, report: Report) -> None:
        for kind, count in report.counts.items():
            self.stdout.write(f"{kind}: {count:,}")
        if report.faults:
            self.stdout.write(f"left out: {len(report.faults):,}")
        for name, value in _flat(report.findings):
            self.stdout.write(f"{name}: {value}")


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Findings line by line: `files[0].utterances`, 1333."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _flat(below, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _flat(below, f"{name}[{index}]")
    else:
        yield name, value


@contextmanager
def rare_collections() -> Iterator[None]:
    """Python looks for garbage less often and passes over what the start loaded.

    Lines come and go by the thousand, which would have it look all the time: a third of the work.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_BETWEEN, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@contextmanager
def watched() -> Iterator[Watcher]:
    """A progress bar on stderr, where somebody is looking at it."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def progress(kind: str, done: int, total: int) -> None:
            name = kind or "reading"
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total or None)
            bar.update(tasks[name], completed=done)

        yield progress
