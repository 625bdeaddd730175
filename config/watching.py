"""Ends worker processes that run and do nothing, so that others are started in their place.

A hung or frozen process neither claims nor looks for work, and what it holds runs out. Whoever
started it (the supervisor, Celery's pool, systemd, Docker) starts another.
"""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError

from work.connections import release_connections
from work.liveness import silent_here

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
PATIENCE_SECONDS = 30.0
"""Between two looks that must agree: after an outage of the database all have been silent."""


def end_the_silent(patience: float = PATIENCE_SECONDS) -> list[int]:
    """Kill this machine's processes that are silent now and a while later; their numbers."""
    suspects = _silent_and_running()
    if not suspects:
        return []
    time.sleep(patience)
    ended = sorted(suspects & _silent_and_running())
    for pid in ended:
        logger.error("Process %s shows no sign of life and is ended", pid)
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return ended


def watch(stop: threading.Event) -> threading.Thread:
    """Look now and then in a thread of its own until told to stop."""
    thread = threading.Thread(target=_watch, args=(stop,), name="watch", daemon=True)
    thread.start()
    return thread


def _watch(stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        try:
            end_the_silent()
        except DatabaseError:
            logger.info("The database did not answer; nobody is ended")
        finally:
            release_connections()


def _silent_and_running() -> set[int]:
    """Only one that ran when it was last heard of is meant: numbers are given out again."""
    quiet = silent_here()
    release_connections()
    return {pid for pid, silence in quiet.items() if _age(pid) > silence}


def _age(pid: int) -> timedelta:
    """How long a process has been running; nothing for one that is gone, or no Linux."""
    try:
        started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError):
        return timedelta()
    return timedelta(seconds=uptime - started / os.sysconf("SC_CLK_TCK"))
