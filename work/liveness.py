"""Who is at work: every worker and sweeper process shows now and then that it is alive."""

import os
import socket
import threading
import time
from datetime import timedelta

from django.db.models.functions import Now

from work.models import WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)
BEAT_SECONDS = 10.0

_last_beat: dict[str, float] = {}


def process_name(role: str) -> str:
    """`role@host:pid`, what a heartbeat is filed under."""
    return f"{role}@{socket.gethostname()}:{os.getpid()}"[:120]


def thread_name(role: str) -> str:
    """The process' name and the thread's, what a lease is held under."""
    return f"{process_name(role)}/{threading.current_thread().name}"[:120]


def beat(role: str) -> None:
    """Show that this process is alive; writes at most every ten seconds."""
    owner = process_name(role)
    if time.monotonic() - _last_beat.get(owner, -BEAT_SECONDS) < BEAT_SECONDS:
        return
    _last_beat[owner] = time.monotonic()
    WorkerHeartbeat.objects.update_or_create(owner=owner, defaults={"role": role, "at": Now()})


def forget_the_dead() -> None:
    """Drop the heartbeats of processes not heard of for a day."""
    WorkerHeartbeat.objects.filter(at__lt=Now() - FORGOTTEN_AFTER).delete()
