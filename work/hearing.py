"""Noticing that this process no longer hears the doorbell although it rings.

A Celery worker can lose its consumer and stay up. Its processes then only poll, which is slow, and
nothing outside tells them from healthy ones: so they look for themselves, and have it replaced.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from celery.exceptions import CeleryError
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# A broker that is down or silent costs who asks this long, not the 30 s of a consumer.
IMPATIENT: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "connect_retries_timeout": 2,
}
LOOKS = 4
"""So many times in a row rings must wait and none be heard: a minute of polling by default."""


@dataclass
class Ears:
    """What this process has heard of the doorbell since it last looked."""

    rings_waiting: Callable[[], int]
    has_heard: bool = False
    missed: int = field(default=0)

    def hear(self) -> None:
        """A ring came."""
        self.has_heard = True

    def are_deaf(self) -> bool:
        """Look once more, between two jobs: have rings waited, and none come, each time?"""
        is_missing = not self.has_heard and self.rings_waiting() > 0
        self.missed = self.missed + 1 if is_missing else 0
        self.has_heard = False
        return self.missed >= LOOKS


def rings_waiting() -> int:
    """How many rings nobody has answered; none if the broker can't be asked."""
    connection = current_app.connection_for_write(transport_options=IMPATIENT)
    troubles = (OSError, CeleryError, KombuError, RedisError, *connection.channel_errors)
    try:
        with connection:
            return unanswered(connection)
    except troubles:
        return 0


def unanswered(connection: Any) -> int:
    """The same of a connection; raises what the broker's client raises."""
    # Declared as Celery declares it: before the first worker came, it is not there yet.
    name = current_app.conf.task_default_queue
    return int(connection.default_channel.queue_declare(name, durable=True).message_count)


def have_replaced() -> None:
    """Ask the worker that forked this process to leave; end it if it does not even hear that.

    Whoever started it starts another, and the processes of its pool go with it.
    """
    worker = os.getppid()
    logger.error("Rings wait and none is heard: the worker %s leaves", worker)
    os.kill(worker, signal.SIGTERM)
    time.sleep(settings.JOB_LEASE_SECONDS)
    if os.getppid() == worker:
        os.kill(worker, signal.SIGKILL)
