"""Ringing: one empty Celery message that tells idle workers to look at the table.

The only place that publishes. It never blocks for long and never raises: with the broker down,
workers find the work by themselves.
"""

import logging
from importlib import import_module

from celery import current_app
from celery.exceptions import CeleryError
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from work.hearing import IMPATIENT, unanswered
from work.tasks import ring

logger = logging.getLogger(__name__)

# Rings that nobody has answered yet; more would only pile up.
UNANSWERED = 4


def ring_the_bell() -> bool:
    """Ring, unless enough rings wait to be answered. False if the broker could not be reached."""
    import_module(settings.BELL)  # the application, to which the task is bound by it
    connection = current_app.connection_for_write(transport_options=IMPATIENT)
    troubles = (OSError, CeleryError, KombuError, RedisError, *connection.channel_errors)
    try:
        with connection:
            if unanswered(connection) < UNANSWERED:
                ring.apply_async(connection=connection, retry=False)
        return True
    except troubles as error:
        logger.debug("The broker could not be reached: %s", type(error).__name__)
        return False
