"""Two who do the same at the same moment, brought together without looking at a clock."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

LONGEST = 30.0
# Other tests wait for locks too, on the same server in databases of their own.
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


class Meeting:
    """A point at which two threads wait until both are there, or the other waits for a lock.

    With the guard in place the second is kept from coming; without it both go on together.
    """

    def __init__(self) -> None:
        self._both = threading.Barrier(2)
        self._looking = threading.Lock()
        self.is_over = self.have_met = False

    def wait(self, *_anything: Any) -> None:
        """Wait for the other; returns at once when one of them has gone on alone."""
        if self.is_over:
            return
        if self._looking.acquire(blocking=False):
            threading.Thread(target=self._look, daemon=True).start()
        try:
            self._both.wait(LONGEST)
            self.have_met = True
        except threading.BrokenBarrierError:
            pass
        finally:
            self.is_over = True

    def _look(self) -> None:
        pause = threading.Event()
        while not self.is_over and not self._both.broken:
            with connection.cursor() as cursor:
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    self._both.abort()
            pause.wait(0.01)
        connections.close_all()


def at_once(act: Callable[[], Any]) -> list[Any]:
    """What two threads got that did it at once, or the errors that they met with."""
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(act())
        except Exception as error:
            got.append(error)
        finally:
            connections.close_all()

    team = [threading.Thread(target=run) for _ in range(2)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join(LONGEST)
    return got
