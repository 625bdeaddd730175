"""The sweeper: rings while there is work to claim, and does what is due periodically.

Any number of sweepers may run: a ring too many finds nothing, and ticks are unique.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from work import registry
from work.connections import renew_connections
from work.doorbell import ring_the_bell
from work.liveness import beat, forget_the_dead
from work.models import Tick
from work.queue import is_work_waiting

logger = logging.getLogger(__name__)

TICKS_KEPT = timedelta(days=7)


def sweep_until(stop: threading.Event) -> None:
    """Sweep every `JOB_SWEEP_SECONDS` until told to stop; outlives broker and database."""
    is_reachable = True
    while not stop.is_set():
        try:
            was_reachable, is_reachable = is_reachable, sweep()
            if was_reachable != is_reachable:
                logger.warning("The broker %s", "is back" if is_reachable else "does not answer")
        except DatabaseError:
            logger.exception("The database did not answer; sweeping goes on")
        stop.wait(settings.JOB_SWEEP_SECONDS)


def sweep() -> bool:
    """One sweep; False if it should have rung and could not."""
    renew_connections()
    beat("sweeper")
    for periodic in registry.periodics():
        do_once(periodic)
    return ring_the_bell() if is_work_waiting() else True


def do_once(periodic: registry.Periodic, now: datetime | None = None) -> bool:
    """Do a periodic act unless its present interval has had it; says whether it was done."""
    moment = now or datetime.now(UTC)
    start = int(moment.timestamp()) // periodic.seconds * periodic.seconds
    tick = datetime.fromtimestamp(start, UTC)
    if Tick.objects.filter(name=periodic.name, at=tick).exists():
        return False
    try:
        return _record_and_act(periodic, tick)
    except Exception:
        logger.exception("%s failed; the next sweep tries it again", periodic.name)
        return False


def _record_and_act(periodic: registry.Periodic, tick: datetime) -> bool:
    with transaction.atomic():
        # The second sweeper waits here for the first, then finds the row.
        _, is_first = Tick.objects.get_or_create(name=periodic.name, at=tick)
        if is_first:
            periodic.act(tick)
    return is_first


def tidy(tick: datetime) -> None:
    """Drop old ticks and the heartbeats of processes long gone."""
    Tick.objects.filter(at__lt=Now() - TICKS_KEPT).delete()
    forget_the_dead()


registry.every("work.tidy", seconds=3600, act=tidy)
