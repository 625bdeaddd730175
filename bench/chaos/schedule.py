"""What is done to the site and when: drawn from a seed, and due as the work goes on.

Each blow is due when so many jobs are done, so that all of them fall while there is work, on a slow
machine as on a fast one. What lasts ends after its seconds.
"""

import heapq
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import redis

from bench.chaos.crew import Member, send
from bench.chaos.ground import Ground
from bench.chaos.proxy import TOXICS

ZOMBIE_LEASES = 1.5
TOXIC_SECONDS = 2.0
WHOLE = 0.15
"""Share of kills that take a whole program with its pool; the others one process of a pool."""


@dataclass(frozen=True)
class Wanted:
    """How many blows of each kind."""

    kills: int
    zombies: int
    databases: int
    brokers: int
    flushes: int
    webs: int
    sweepers: int
    toxics: int


@dataclass
class Schedule:
    """The blows still to come, and what ends when."""

    ground: Ground
    jobs: int
    wanted: Wanted
    seed: int
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._order = count()
        self._endings: list[tuple[float, int, Callable[[], object]]] = []
        self._missed = 0
        blows = [
            *[self.kill_worker] * self.wanted.kills,
            *[self.stop_worker] * self.wanted.zombies,
            *[self.crash_database] * self.wanted.databases,
            *[self.crash_broker] * self.wanted.brokers,
            *[self.flush_broker] * self.wanted.flushes,
            *[self.kill_web] * self.wanted.webs,
            *[self.kill_sweeper] * self.wanted.sweepers,
            *[self.poison] * self.wanted.toxics,
        ]
        self._random.shuffle(blows)
        step = self.jobs * 0.9 / max(1, len(blows))
        self._blows = [(round(step * (n + 0.5)), blow) for n, blow in enumerate(blows)]
        self._toxics = [(name, kind) for name in self.ground.proxies for kind in TOXICS]
        self._random.shuffle(self._toxics)

    def strike(self, done: int) -> None:
        """Do what is due after so many jobs, and end what has lasted long enough."""
        while self._endings and self._endings[0][0] <= time.monotonic():
            heapq.heappop(self._endings)[2]()
        if self._blows and self._blows[0][0] <= done and self._blows[0][1]():
            self._blows.pop(0)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return not self._blows and not self._endings

    # -- Blows; each says whether it hit ----

    def kill_worker(self) -> bool:
        """One process of a pool, or a whole program."""
        workers = self._workers()
        at_work = [max(1, len(worker.pids) - 1) for worker in workers]  # its parent only forks
        member = self._random.choices(workers, at_work)[0]
        pids = member.pids
        if not pids:
            return False
        is_whole = len(pids) == 1 or self._random.random() < WHOLE
        return self._hit("worker kills", send(pids[0] if is_whole else pids[-1], signal.SIGKILL))

    def stop_worker(self) -> bool:
        """Freeze a worker for longer than its lease: it comes back and thinks it holds its jobs."""
        pids = self._random.choice(self._workers()).pids
        if not pids or not send(pids[-1], signal.SIGSTOP):
            return False
        seconds = ZOMBIE_LEASES * self.ground.lease_seconds
        self._later(seconds, lambda: send(pids[-1], signal.SIGCONT))
        return self._hit("zombies")

    def crash_database(self) -> bool:
        """At once, as in a crash; every second time without a word."""
        how = signal.SIGKILL if self.struck["database crashes"] % 2 else signal.SIGQUIT
        self.ground.restart_database(how)
        return self._hit("database crashes")

    def crash_broker(self) -> bool:
        """It comes back empty."""
        self.ground.restart_broker()
        return self._hit("broker kills")

    def flush_broker(self) -> bool:
        """All rings and limits are forgotten."""
        client = redis.Redis(unix_socket_path=str(self.ground.broker.socket))
        try:
            return self._hit("broker flushes", bool(client.flushall()))
        finally:
            client.close()

    def kill_web(self) -> bool:
        """One of the web processes."""
        return self._hit("web kills", self._killed(self.ground.crew.named("web")))

    def kill_sweeper(self) -> bool:
        """One of the sweepers."""
        return self._hit("sweeper kills", self._killed(self.ground.crew.named("sweeper")))

    def poison(self) -> bool:
        """One proxy with one toxic, each pair in its turn."""
        name, kind = self._toxics[self.struck["toxics"] % len(self._toxics)]
        proxy = self.ground.proxies[name]
        proxy.poison(kind)
        self._later(TOXIC_SECONDS, proxy.heal)
        return self._hit("toxics")

    def _workers(self) -> list[Member]:
        return self.ground.crew.named("celery") + self.ground.crew.named("plain")

    def _killed(self, members: list[Member]) -> bool:
        pids = self._random.choice(members).pids
        return bool(pids) and send(pids[0], signal.SIGKILL)

    def _hit(self, name: str, is_hit: bool = True) -> bool:
        self.struck[name] += is_hit
        return is_hit

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        heapq.heappush(self._endings, (time.monotonic() + seconds, next(self._order), act))
