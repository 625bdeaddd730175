"""The cache: Redis, and while it does not answer, a table of the database.

Limits on sign-in are counted in it, so it may not simply forget when the broker is down.
"""

import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from redis.exceptions import RedisError

FALLBACK = "database"
"""The alias of the cache that stands in."""

PAUSE = 5.0
"""Seconds in which a server that did not answer is not asked again: each try takes 0.15 of them."""


class SteadyCache(BaseCache):
    """Redis, for which the database answers as long as Redis does not."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = RedisCache(location, params)
        self._asked_again_at = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._either("get", key, default, version)

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._either("set", key, value, timeout, version)

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return bool(self._either("add", key, value, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._either("delete", key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._either("incr", key, delta, version))

    def clear(self) -> None:
        self._either("clear")

    def _either(self, verb: str, *arguments: Any) -> Any:
        if time.monotonic() >= self._asked_again_at:
            try:
                return getattr(self._redis, verb)(*arguments)
            except RedisError:
                self._asked_again_at = time.monotonic() + PAUSE
        return getattr(caches[FALLBACK], verb)(*arguments)


def forget_counts(at: datetime) -> None:
    """Delete what ended of the table; Django's own cache only does so once it is full."""
    operations = connection.ops
    table = operations.quote_name(settings.CACHES[FALLBACK]["LOCATION"])
    with connection.cursor() as cursor:
        ended = [operations.adapt_datetimefield_value(at)]
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", ended)  # noqa: S608
