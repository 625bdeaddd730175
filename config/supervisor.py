"""The whole site in one terminal: starts its programs, restarts what dies, leaves nothing behind.

The supervisor is their parent and they are bound to its life, so even `kill -9` ends them all.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from config.processes import end_session, start_bound

TICK_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 30.0
# Alive for so long, a program counts as started, and its next death is its first.
SETTLED_SECONDS = 30.0
STOP_SECONDS = 20.0
START_SECONDS = 90.0
DEATHS_AT_START = 3
LONGEST_LOG = 20_000_000


class NotStarted(Exception):
    """A program keeps dying before the site is ready; the message holds the end of its log."""


@dataclass(frozen=True)
class Program:
    """Something that has to run as long as the site does."""

    name: str
    command: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()


@dataclass
class Child:
    """A program, the process that runs it now, and when it is started again if that died."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    restart_at: float = 0.0

    def bury(self, now: float) -> None:
        """Clear away a dead process with what it started; the next start is later each time."""
        if self.process is None or self.process.poll() is None:
            return
        end_session(self.process)
        self.process = None
        self.deaths = 1 if now - self.started > SETTLED_SECONDS else self.deaths + 1
        self.restart_at = now + min(0.25 * 2 ** (self.deaths - 1), LONGEST_DELAY_SECONDS)


@dataclass
class Supervisor:
    """Keeps programs running; they are started in the order added and ended in reverse."""

    logs: Path
    directory: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)

    def add(self, program: Program) -> None:
        """Start one more program and keep it running."""
        log = self.logs / f"{program.name}.log"
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        child = Child(program, log)
        self.children.append(child)
        self._start(child)

    def tend(self) -> None:
        """Restart what has died, each after its own delay."""
        now = time.monotonic()
        for child in self.children:
            child.bury(now)
            if child.process is None and now >= child.restart_at:
                self._start(child)

    def tend_until(self, ready: Callable[[], bool]) -> None:
        """Tend until `ready`; `NotStarted` if a program keeps dying or it takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self.tend()
            for child in self.children:
                if child.deaths >= DEATHS_AT_START or time.monotonic() > deadline:
                    raise NotStarted(
                        f"{child.program.name} did not start; {child.log} ends with:\n"
                        f"{end_of(child.log)}"
                    )
            time.sleep(TICK_SECONDS)

    def tend_forever(self) -> None:
        """Tend until interrupted."""
        while True:
            self.tend()
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Let programs complete what they have in hand, then end what is left.

        The first added, the broker, is ended last. A second interrupt ends all of them at once.
        """
        try:
            for child in reversed(self.children[1:]):
                self._ask_to_leave(child)
            self._wait(self.children[1:])
            for child in self.children[:1]:
                self._ask_to_leave(child)
            self._wait(self.children[:1])
        except KeyboardInterrupt:
            pass
        finally:
            for child in self.children:
                if child.process is not None:
                    end_session(child.process)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        with open_log(child.log) as output:
            child.process = start_bound(
                child.program.command,
                output=output,
                directory=self.directory,
                environment=self.environment,
                pass_fds=child.program.pass_fds,
            )

    @staticmethod
    def _ask_to_leave(child: Child) -> None:
        if child.process is not None and child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)

    @staticmethod
    def _wait(children: list[Child]) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            while child.process is not None and child.process.poll() is None:
                if time.monotonic() > deadline:
                    return
                time.sleep(TICK_SECONDS / 4)


def open_log(path: Path) -> BinaryIO:
    """What a program writes is added to its log."""
    return open(path, "ab", opener=_for_us_alone)


def end_of(log: Path) -> str:
    """The last lines, for whoever has to find out why a program died."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])


def _for_us_alone(path: str, flags: int) -> int:
    """Open a log that no other user of the machine can read, also one of an earlier version."""
    opened = os.open(path, flags, 0o600)
    os.fchmod(opened, 0o600)
    return opened
