"""How a process works through the table: some threads, each claiming job after job.

Machine work waits for the network most of the time, so a process does several jobs at once. The
Celery task, the poller beside it and the plain worker all run this same loop.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, connections

from work.connections import renew_connections
from work.execution import do_next
from work.liveness import beat, thread_name
from work.models import Job

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
TROUBLED_SECONDS = 2.0


@dataclass
class Drain:
    """One pass over the table, or a stay at it.

    Threads leave when `stop` is set, after `seconds`, or, with `stays=False`, when there is
    nothing to claim. A thread always completes the job it holds before it leaves.
    """

    role: str = "worker"
    kinds: list[str] | None = None
    seconds: float | None = None
    stays: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def run(self, threads: int | None = None) -> int:
        """Work with so many threads (`JOB_THREADS` by default); returns how many jobs were done."""
        count = settings.JOB_THREADS if threads is None else threads
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        if count == 1 and not self.stays:
            self._loop(deadline)
            return self.done
        team = [
            threading.Thread(target=self._work, args=(deadline,), name=f"job-{number}")
            for number in range(count)
        ]
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
        return self.done

    def _work(self, deadline: float | None) -> None:
        try:
            self._loop(deadline)
        finally:
            connections.close_all()

    def _loop(self, deadline: float | None) -> None:
        while not self.stop.is_set():
            if deadline is not None and time.monotonic() > deadline:
                return
            if not self._step():
                return

    def _step(self) -> bool:
        """Do one job or wait a moment; False when it is time to leave."""
        try:
            beat(self.role)
            did_something = do_next(thread_name(self.role), self.kinds)
        except DatabaseError:
            logger.exception("The database did not answer")
            renew_connections()
            self.stop.wait(TROUBLED_SECONDS)
            return self.stays
        if did_something:
            with self._counting:
                self.done += 1
        elif self.stays:
            self.stop.wait(IDLE_SECONDS)
        return did_something or self.stays


class OneAtATime:
    """Lets a process drain once at a time: a ring that comes during a drain changes nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, work: Callable[[], int]) -> int:
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            return work()
        finally:
            self._lock.release()

    def wait(self, seconds: float) -> bool:
        """Wait until no drain is under way; False if one still is after so many seconds."""
        is_free = self._lock.acquire(timeout=seconds)
        if is_free:
            self._lock.release()
        return is_free


def wait_until_over(stop: threading.Event, kinds: list[str] | None = None) -> None:
    """Return once no job is waiting or held, or `stop` is set."""
    while not stop.is_set():
        try:
            renew_connections()
            if not Job.objects.of_kinds(kinds).unfinished().exists():
                return
        except DatabaseError:
            logger.exception("The database did not answer")
        stop.wait(IDLE_SECONDS)
