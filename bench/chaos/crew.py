"""The processes of a site under fire: started, killed, started again, counted."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.site import ROOT, family
from config.processes import end_session, start_bound

PAUSE_SECONDS = 0.3
"""Between a death and the next start."""


@dataclass
class Member:
    """A program of the crew and the process that runs it now."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    started: float = 0.0
    missed_since: float = 0.0

    @property
    def pids(self) -> list[int]:
        """Its process and those that it forked."""
        if self.process is None or self.process.poll() is not None:
            return []
        return family(self.process.pid)


@dataclass
class Crew:
    """Keeps its members running whatever happens to them."""

    directory: Path
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, environment: Mapping[str, str], *arguments: str) -> None:
        """One more program of the site, started at once."""
        member = Member(name, (sys.executable, *arguments), environment)
        self.members.append(member)
        self._start(member)

    def named(self, beginning: str) -> list[Member]:
        """The members whose name begins so."""
        return [member for member in self.members if member.name.startswith(beginning)]

    def tend(self) -> None:
        """Start again what has died."""
        now = time.monotonic()
        for member in self.members:
            if member.process is not None and member.process.poll() is not None:
                end_session(member.process)
                member.process, member.missed_since = None, now
            if member.process is None and now - member.missed_since > PAUSE_SECONDS:
                self._start(member)

    def stop(self) -> None:
        """End all of them, gently at first."""
        for member in self.members:
            if member.process is not None:
                with contextlib.suppress(OSError):
                    os.kill(member.process.pid, signal.SIGCONT)
                    member.process.terminate()
        deadline = time.monotonic() + 20
        for member in self.members:
            if member.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    member.process.wait(max(0.1, deadline - time.monotonic()))
                end_session(member.process)

    def restarts(self) -> int:
        """How often a program had to be started again."""
        return sum(member.starts - 1 for member in self.members)

    def _start(self, member: Member) -> None:
        member.starts, member.started = member.starts + 1, time.monotonic()
        with (self.directory / f"{member.name}.log").open("ab") as log:
            member.process = start_bound(
                member.command, output=log, directory=ROOT, environment=member.environment
            )


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
