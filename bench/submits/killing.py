"""Killing a web process of the site in the middle of its work."""

import os
import random
import signal
import threading
from typing import Protocol

from bench.site import Site, answers, family


class Killer(Protocol):
    """Ends a web process without a word, and sees to it that there is another."""

    kills: list[int]

    def strike(self) -> None:
        """Kill one now."""


class Draws:
    """Kills one of the web server's children, whichever is drawn; the server starts another."""

    def __init__(self, site: Site, seed: int) -> None:
        self.kills: list[int] = []
        self._site, self._draw = site, random.Random(seed)

    def strike(self) -> None:
        """Not before the site answers again: else nothing would be there to kill in the act."""
        children = [pid for pid in family(self._site.web) if pid != self._site.web]
        if children and answers(f"{self._site.url}/healthz"):
            self.kills.append(self._draw.choice(children))
            os.kill(self.kills[-1], signal.SIGKILL)


def strike_every(killer: Killer, seconds: float, over: threading.Event) -> None:
    """Now and then, until it is over."""
    while not over.wait(seconds):
        killer.strike()
