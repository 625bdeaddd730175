"""How commands wait for a run: beside workers that are alive, or by doing the jobs themselves."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from work.draining import Drain
from work.models import Run
from work.queries import Progress as RunProgress
from work.queries import living_workers, progress_of_run

PAUSE_SECONDS = 0.5
SLICE_SECONDS = 1.0


def add_waiting_options(parser: CommandParser) -> None:
    """`--json` and `--no-wait`."""
    parser.add_argument("--json", action="store_true", help="one JSON document, nothing else")
    parser.add_argument(
        "--no-wait", action="store_true", help="leave the jobs to the workers and return"
    )


def finish(command: BaseCommand, run: Run, options: dict[str, Any]) -> None:
    """Wait for a run unless told not to, report, and exit with 1 if a job was given up."""
    progress = progress_of_run(run)
    if not options["no_wait"]:
        progress = wait_for(run, is_silent=options["json"])
    if options["json"]:
        command.stdout.write(json.dumps(report(run, progress), ensure_ascii=False))
    else:
        command.stdout.write(_sentence(run, progress))
    for reason, count in progress.failures.items():
        command.stderr.write(f"{count} given up: {reason}")
    if progress.dead:
        sys.exit(1)


def wait_for(run: Run, *, is_silent: bool) -> RunProgress:
    """Return when nothing of the run will happen by itself any more.

    Jobs are done here as long as no worker is alive.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, quiet=is_silent)
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        line = bar.add_task(run.title)
        while not (progress := progress_of_run(run)).is_over:
            bar.update(line, total=progress.total, completed=progress.done + progress.dead)
            if living_workers("worker"):
                time.sleep(PAUSE_SECONDS)
            else:
                _work_a_while(run)
        bar.update(line, total=progress.total, completed=progress.done + progress.dead)
    return progress


def _work_a_while(run: Run) -> None:
    """A slice of the run's kind of work in this process; under a role of its own, so that its
    heartbeat is not taken for a worker's."""
    did = Drain(role="command", kinds=[run.kind], seconds=SLICE_SECONDS).run(threads=1)
    if not did:
        time.sleep(PAUSE_SECONDS)


def report(run: Run, progress: RunProgress) -> dict[str, Any]:
    """A run and how far it came, for programs."""
    return {
        "run": str(run.pk),
        "kind": run.kind,
        "title": run.title,
        "plan": run.plan,
        "jobs": {
            "total": progress.total,
            "ready": progress.ready,
            "leased": progress.leased,
            "done": progress.done,
            "dead": progress.dead,
        },
        "outcomes": progress.outcomes,
        "failures": progress.failures,
        "counts": counts_of(run),
    }


def counts_of(run: Run) -> dict[str, int]:
    """What the results of a run counted, summed; nested counts under `name.reason`."""
    totals: dict[str, int] = {}
    for value in run.jobs.values_list("result__value", flat=True):
        for name, count in _flat(value or {}):
            totals[name] = totals.get(name, 0) + count
    return totals


def _flat(value: dict[str, Any]) -> list[tuple[str, int]]:
    pairs: list[tuple[str, int]] = []
    for name, found in value.items():
        if isinstance(found, dict):
            pairs += [(f"{name}.{inner}", count) for inner, count in _flat(found)]
        elif isinstance(found, int):
            pairs.append((name, found))
    return pairs


def _sentence(run: Run, progress: RunProgress) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in counts_of(run).items())
    done = f"{progress.done} of {progress.total} jobs done"
    return f"{run.title}: {done}{f' ({counts})' if counts else ''}"
