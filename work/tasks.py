"""The doorbell's other end: a Celery worker hears a ring and works through the table.

A ring carries nothing. Each Celery process also looks at the table by itself every
`JOB_POLL_SECONDS`, so a dead broker only slows work down.
"""

import logging
import random
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown
from django.conf import settings

from work.draining import Drain, OneAtATime
from work.hearing import Ears, have_replaced, rings_waiting

logger = logging.getLogger(__name__)

one_at_a_time = OneAtATime()
ears = Ears(rings_waiting)
leaving = threading.Event()


@shared_task(name="work.ring", ignore_result=True)
def ring() -> None:
    """Do what can be done now, for at most `JOB_DRAIN_SECONDS`; the sweeper rings again."""
    ears.hear()
    one_at_a_time(_drain)


def _drain() -> int:
    return Drain(role="celery", seconds=settings.JOB_DRAIN_SECONDS, stop=leaving).run()


def poll() -> None:
    """Look at the table now and then until this process leaves. Runs in a thread of its own."""
    while not leaving.wait(settings.JOB_POLL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            one_at_a_time(_drain)
            if one_at_a_time.wait(0) and ears.are_deaf() and not leaving.is_set():
                have_replaced()
        except Exception:
            logger.exception("Polling the job table failed; it is tried again")


@worker_process_init.connect
def start_polling(**_signal: Any) -> None:
    """Give each process of the pool its own poller; threads do not survive a fork."""
    threading.Thread(target=poll, name="poll", daemon=True).start()


@worker_process_shutdown.connect
def stop_polling(**_signal: Any) -> None:
    """Claim nothing more, and let the jobs in hand be completed."""
    leaving.set()
    if not one_at_a_time.wait(settings.JOB_LEASE_SECONDS):
        logger.warning("Left with a job in hand; its lease will run out")
