"""Whether the server behind doorbells and cache answers."""

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

PATIENCE = 0.15
"""Seconds: a page that asks must not become slow with the broker."""


def does_answer(patience: float = PATIENCE) -> bool:
    """Asks it; never raises."""
    client = Redis.from_url(
        settings.CACHES["default"]["LOCATION"],
        socket_connect_timeout=patience,
        socket_timeout=patience,
    )
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
