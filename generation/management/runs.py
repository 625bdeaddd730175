"""Commands that set machines to work: plan a run, wait for it, and say how it went.

Workers that are alive do the jobs; where there are none, the command does them itself.
"""

import time
from argparse import ArgumentParser
from typing import IO, Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from studies.command import StudyCommand, study_named
from studies.models import Study
from work.draining import Drain
from work.models import Run
from work.queries import Progress, living_workers, progress_of_run

PAUSE_SECONDS = 0.5
SLICE_SECONDS = 1.0
TELL_SECONDS = 10.0
BY = "manage.py"


class RunCommand(StudyCommand):
    """A command that plans a run of a study; twice is the same as once."""

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which study, and whether to wait."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--no-wait", action="store_true", help="leave the jobs to the workers and return"
        )

    def planned(self, study: Study, options: dict[str, Any]) -> Run:
        """The run that the options ask for."""
        raise NotImplementedError

    def act(self, **options: Any) -> dict[str, Any]:
        """Plan, wait unless told not to, and report."""
        run = self.planned(study_named(options["study"]), options)
        self.progress = progress_of_run(run) if options["no_wait"] else wait_for(run)
        if not options["json"]:
            self.stdout.write(_sentence(run, self.progress))
        return report(run, self.progress)

    def handle(self, *args: Any, **options: Any) -> None:
        """After the report, exit with 1 if jobs were given up, saying why."""
        super().handle(*args, **options)
        if self.progress.dead:
            reasons = self.progress.failures.items()
            raise CommandError(
                "\n".join(f"{count} given up: {reason}" for reason, count in reasons)
            )


def wait_for(run: Run) -> Progress:
    """Return when nothing of the run will happen by itself any more."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    is_hidden = not console.is_terminal
    teller = Teller(console.file if is_hidden else None)
    with Bar(*columns, TimeRemainingColumn(), console=console, disable=is_hidden) as bar:
        line = bar.add_task(run.title, total=None)
        while not (progress := progress_of_run(run)).is_over:
            bar.update(line, total=progress.total, completed=progress.done + progress.dead)
            teller.tell(progress)
            if living_workers("worker"):
                time.sleep(PAUSE_SECONDS)
            else:
                _work_a_while(run)
        bar.update(line, total=progress.total, completed=progress.done + progress.dead)
    return progress


class Teller:
    """Says now and then how far a run is, where no bar can be drawn."""

    def __init__(self, output: IO[str] | None) -> None:
        self.output = output
        self.last = time.monotonic()

    def tell(self, progress: Progress) -> None:
        """A line, unless the last one is too recent."""
        if self.output is None or time.monotonic() - self.last < TELL_SECONDS:
            return
        self.last = time.monotonic()
        self.output.write(f"{so_far(progress)}\n")
        self.output.flush()


def so_far(progress: Progress) -> str:
    """`12 of 41 done, 10 given up: net_connect`."""
    done = f"{progress.done} of {progress.total} done"
    if not progress.dead:
        return done
    return f"{done}, {progress.dead} given up: {'; '.join(progress.failures)}"


def _work_a_while(run: Run) -> None:
    """A slice of the run's kind of work in this process; under a role of its own, so that its
    heartbeat is not taken for a worker's."""
    did = Drain(role="command", kinds=[run.kind], seconds=SLICE_SECONDS).run(threads=1)
    if not did:
        time.sleep(PAUSE_SECONDS)


def report(run: Run, progress: Progress) -> dict[str, Any]:
    """A run and how far it came, for programs."""
    states = ("total", "ready", "leased", "done", "dead")
    return {
        "run": str(run.pk),
        "kind": run.kind,
        "title": run.title,
        "plan": run.plan,
        "jobs": {state: getattr(progress, state) for state in states},
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


def _sentence(run: Run, progress: Progress) -> str:
    counts = ", ".join(f"{name} {count}" for name, count in counts_of(run).items())
    done = f"{progress.done} of {progress.total} jobs done"
    return f"{run.title}: {done}{f' ({counts})' if counts else ''}"
