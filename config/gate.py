"""A gate before programs that are started early: they load, and go on once it is open.

It is a pipe. Who waits reads to its end, which is there as soon as nobody holds the other end.
"""

import os


class Gate:
    """A closed gate; `number` is handed to the programs that wait at it."""

    def __init__(self) -> None:
        self.number, held = os.pipe()
        self._held: int | None = held

    def open(self) -> None:
        """Let pass who waits, and whoever comes later."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def wait_at(number: int) -> None:
    """Return once the gate of this number is open."""
    os.read(number, 1)
