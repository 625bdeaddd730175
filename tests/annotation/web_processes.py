"""Web processes on one socket, as the supervisor starts them, to be killed by a test."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.site import Site, answers
from config.processes import end_session, start_bound
from tests.site import ROOT, database_of_test, wait_for

START_SECONDS = 120


class WebProcesses:
    """Some processes that answer; `strike` kills the oldest and starts another at once."""

    def __init__(self, door: socket.socket, environment: Mapping[str, str], log: Path) -> None:
        self.kills: list[int] = []
        self.running: list[subprocess.Popen[bytes]] = []
        self._door, self._environment, self._log = door, environment, log
        self._lock = threading.Lock()
        # They are bound to the life of the thread that starts them, which a sender's is not.
        self._starter = ThreadPoolExecutor(1)

    def start(self) -> None:
        """One more."""
        self.running.append(self._starter.submit(self._started).result())

    def strike(self) -> None:
        """Connections wait at the door until there is somebody to answer."""
        with self._lock:
            oldest = self.running.pop(0)
            self.kills.append(oldest.pid)
            end_session(oldest)
            self.start()

    def end(self) -> None:
        """Nothing is left of them."""
        for process in self.running:
            end_session(process)
        self._starter.shutdown()

    def _started(self) -> subprocess.Popen[bytes]:
        number = self._door.fileno()
        command = [sys.executable, "-m", "config.server", str(number)]
        with self._log.open("ab") as output:
            return start_bound(
                command,
                output=output,
                directory=ROOT,
                environment=self._environment,
                pass_fds=[number],
            )


@contextmanager
def web_processes(directory: Path, count: int) -> Iterator[tuple[Site, WebProcesses]]:
    """So many on the test's own database, once they answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        port: int = door.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        own = {"DATABASE_URL": database_of_test(), "DATA_DIR": str(directory), "SITE_URL": url}
        environment = dict(os.environ) | own
        web = WebProcesses(door, environment, directory / "web.log")
        try:
            for _ in range(count):
                web.start()
            assert wait_for(lambda: answers(f"{url}/healthz"), START_SECONDS), _said(directory)
            yield Site(url, port, environment, web.running[0].pid, os.getpid(), directory), web
        finally:
            web.end()


def _said(directory: Path) -> str:
    return (directory / "web.log").read_text()[-3000:]
