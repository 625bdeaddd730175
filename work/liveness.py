"""Who is at work: every worker and sweeper process shows now and then that it is alive.

It is alive as long as it claims or looks for work, or holds a job whose lease has not run out.
"""

import os
import socket
import threading
import time
from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from work.models import Job, WorkerHeartbeat

FORGOTTEN_AFTER = timedelta(days=1)
BEAT_SECONDS = 10.0
STAYING = ("worker", "celery", "sweeper")
"""Roles of processes that are there to work. Others help for a while and go on with what they are:
a command, or the supervisor itself."""
WORKING = ("worker", "celery")
"""Of these, the roles of processes that do jobs: without a broker, and after a ring."""

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


def is_alive(role: str, within: timedelta = WorkerHeartbeat.LIVING) -> bool:
    """Whether a process of the role on this machine is at work."""
    rows = WorkerHeartbeat.objects.filter(owner__startswith=f"{role}@{socket.gethostname()}:")
    return rows.filter(at__gte=Now() - within).exists() or any(map(_is_holding, rows))


def living() -> Q:
    """What is true of heartbeats of processes at work: seen lately, or with a job in hand.

    One query, for whose hands jobs are in.
    """
    held = Job.objects.filter(state=Job.State.LEASED, lease_until__gte=Now()).order_by()
    holders = held.values_list("lease_owner", flat=True).distinct()
    owners = sorted({holder.rpartition("/")[0] for holder in holders})
    return Q(at__gt=Now() - WorkerHeartbeat.LIVING) | Q(owner__in=owners)


def silent_here() -> dict[int, timedelta]:
    """Processes of this machine that should have shown themselves, and for how long they did not.

    Some may be gone, and their number may be another process' by now.
    """
    quiet = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    rows = WorkerHeartbeat.objects.filter(
        owner__contains=f"@{socket.gethostname()}:",
        role__in=STAYING,
        at__lt=Now() - WorkerHeartbeat.LIVING,
    )
    return {
        int(row.owner.rpartition(":")[2]): row.quiet
        for row in rows.annotate(quiet=quiet)
        if not _is_holding(row)
    }


def _is_holding(process: WorkerHeartbeat) -> bool:
    """Whether a job is in its hands: a long one keeps all its threads from looking for more."""
    held = Job.objects.filter(state=Job.State.LEASED, lease_until__gte=Now())
    return held.filter(lease_owner__startswith=f"{process.owner}/").exists()


def forget_the_dead() -> None:
    """Drop the heartbeats of processes not heard of for a day."""
    WorkerHeartbeat.objects.filter(at__lt=Now() - FORGOTTEN_AFTER).delete()
