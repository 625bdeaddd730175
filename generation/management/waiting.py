"""Waiting for a run at the command line: a bar with rate, time left and money, or now and then a
line where no bar can be drawn."""

import threading
import time
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from generation.watching import Watch, lasting, watch
from work.draining import Drain
from work.models import Run
from work.queries import living_workers
from work.stopping import stop_on_signals

PAUSE_SECONDS = 0.5
SLICE_SECONDS = 1.0
TELL_SECONDS = 10.0


def wait_for(run: Run) -> bool:
    """Return when nothing of the run will happen by itself any more; False after Ctrl-C.

    Ctrl-C only ends the waiting; a job that this command has in hand is completed first.
    """
    console = Console(stderr=True)
    is_hidden = not console.is_terminal
    teller = Teller(console.file if is_hidden else None)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told = TextColumn("{task.fields[told]}")
    with stop_on_signals() as stop, Bar(*columns, told, console=console, disable=is_hidden) as bar:
        line = bar.add_task(run.title, total=None, told="")
        while not (seen := watch(run)).progress.is_over and not stop.is_set():
            _show(bar, line, seen)
            teller.tell(seen)
            _pass_time(run, stop)
        _show(bar, line, seen)
    return seen.progress.is_over


def _show(bar: Bar, line: TaskID, seen: Watch) -> None:
    done = seen.progress.done + seen.progress.dead
    bar.update(line, total=seen.total, completed=done, told=how_it_goes(seen))


def _pass_time(run: Run, stop: threading.Event) -> None:
    """Wait a moment, or, where no worker is alive, do a slice of the run's kind of work.

    That goes under a role of its own, so that its heartbeat is not taken for a worker's.
    """
    if living_workers():
        stop.wait(PAUSE_SECONDS)
        return
    drain = Drain(role="command", kinds=kinds_of(run), seconds=SLICE_SECONDS, stop=stop)
    if not drain.run(threads=1):
        stop.wait(PAUSE_SECONDS)


def kinds_of(run: Run) -> list[str]:
    """What its jobs are called; a job may have put another one before it."""
    return sorted(set(run.jobs.order_by().values_list("kind", flat=True)))


class Teller:
    """Says now and then how far a run is, where no bar can be drawn."""

    def __init__(self, output: IO[str] | None) -> None:
        self.output = output
        self.last = time.monotonic()

    def tell(self, seen: Watch) -> None:
        """A line, unless the last one is too recent."""
        if self.output is None or time.monotonic() - self.last < TELL_SECONDS:
            return
        self.last = time.monotonic()
        self.output.write(f"{so_far(seen)}\n")
        self.output.flush()


def so_far(seen: Watch) -> str:
    """`12 of 41 done, 30/min, 1 min left, spent 0.0120, 10 given up: net_connect (10)`."""
    done = f"{seen.progress.done} of {seen.total} done"
    return ", ".join(part for part in (done, how_it_goes(seen)) if part)


def how_it_goes(seen: Watch) -> str:
    """Rate, time left, money, what is held and what was given up and why; only what there is."""
    parts = []
    if seen.per_minute:
        parts.append(f"{seen.per_minute}/min")
    if seen.seconds_left is not None:
        parts.append(f"{lasting(seen.seconds_left)} left")
    if seen.spending.cost:
        parts.append(f"spent {seen.spending.cost:.4f}")
    if seen.progress.held:
        parts.append(f"{seen.progress.held} held")
    parts += [f"waits: {one.reason}" for one in seen.closed]
    if seen.progress.dead:
        reasons = (f"{reason} ({count})" for reason, count in seen.progress.failures.items())
        parts.append(f"{seen.progress.dead} given up: {'; '.join(reasons)}")
    return ", ".join(parts)
