"""How many requests a minute the mock endpoint lets in, as a provider would: a leaky bucket."""

import math
import time
from collections.abc import Callable


class Limit:
    """Lets `per_minute` requests in, up to one second's worth of them at once; None is no limit."""

    def __init__(
        self, per_minute: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._level = 0.0
        self._at = clock()

    def admit(self) -> float | None:
        """None if one more may come in, else after how many seconds one may."""
        if not self.per_minute:
            return None
        now, per_second = self._clock(), self.per_minute / 60
        self._level = max(0.0, self._level - (now - self._at) * per_second)
        self._at = now
        if self._level + 1 <= max(1.0, per_second):
            self._level += 1
            return None
        return (self._level + 1 - max(1.0, per_second)) / per_second


def telling_to_wait(seconds: float) -> dict[str, str]:
    """Both headers that OpenAI sends: whoever knows the second need not wait a whole second."""
    return {"Retry-After": whole_seconds(seconds), "retry-after-ms": str(math.ceil(seconds * 1e3))}


def whole_seconds(seconds: float) -> str:
    """For a `Retry-After` header, which knows no fractions; never less than asked."""
    return str(max(1, math.ceil(seconds)))
