"""Ringing: one empty Celery message that tells idle workers to look at the table.

The only place that publishes. It never blocks for long and never raises: with the broker down,
workers find the work by themselves.
"""

import logging
from typing import Any

from celery import current_app
from celery.exceptions import CeleryError
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from work.tasks import ring

logger = logging.getLogger(__name__)

# A broker that is down or silent costs the sweeper this long, not the 30 s of a consumer.
IMPATIENT: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "connect_retries_timeout": 2,
}
# Rings that nobody has answered yet; more would only pile up.
UNANSWERED = 4


def ring_the_bell() -> bool:
    """Ring, unless enough rings wait to be answered. False if the broker could not be reached."""
    connection = current_app.connection_for_write(transport_options=IMPATIENT)
    troubles = (OSError, CeleryError, KombuError, RedisError, *connection.channel_errors)
    try:
        with connection:
            if _unanswered(connection) < UNANSWERED:
                ring.apply_async(connection=connection, retry=False)
        return True
    except troubles as error:
        logger.debug("The broker could not be reached: %s", type(error).__name__)
        return False


def _unanswered(connection: Any) -> int:
    # Declared as Celery declares it: before the first worker came, it is not there yet.
    name = current_app.conf.task_default_queue
    return int(connection.default_channel.queue_declare(name, durable=True).message_count)
