"""The newest moment that this process knows to be reserved, in case whoever keeps it forgets it.

Each is noted with the mark of where it was kept. Who finds another mark there tells it what was
known: else turns that are still to come would be given out twice, after a FLUSHALL, a restart of
Redis without its file, or when the database takes over and when it gives back.
"""

import threading
import time

NOWHERE = -1
"""The mark of what nobody was told."""

_known: dict[str, tuple[float, int]] = {}
_noting = threading.Lock()


def ahead(name: str) -> tuple[float, int]:
    """How many seconds away the newest moment is, and the mark of where it is kept."""
    until, mark = _known.get(name, (0.0, NOWHERE))
    return max(0.0, until - time.monotonic()), mark


def note(name: str, until: float, mark: int) -> None:
    """Keep a moment, by the monotonic clock; threads may come in any order."""
    with _noting:
        _known[name] = (max(until, _known.get(name, (0.0, mark))[0]), mark)


def spare(name: str, seconds: float) -> None:
    """So much of what was reserved was not needed."""
    with _noting:
        until, mark = _known.get(name, (0.0, NOWHERE))
        _known[name] = (until - seconds, mark)
