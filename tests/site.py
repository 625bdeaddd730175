"""The whole site as `manage.py up` starts it, for tests that visit it or kill parts of it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60


@dataclass
class Site:
    """A running site: its supervisor, where it answers, and what it said when it was ready."""

    supervisor: subprocess.Popen[str]
    port: int
    data_dir: Path
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> dict[int, str]:
        """Everything that works on this site's data: process id to command line."""
        working = dict(_processes_on(os.fsencode(self.data_dir)))
        working.pop(self.supervisor.pid, None)
        return working

    def pid_of(self, part: str) -> int:
        """The process whose command line holds `part`; the parent, if it has forked."""
        assert wait_for(lambda: self.runs(part))
        return min(self.pids_of(part))

    def pids_of(self, part: str) -> set[int]:
        """All processes whose command line holds `part`."""
        return {pid for pid, line in self.processes().items() if part in line}

    def runs(self, part: str) -> bool:
        """Whether there is a process whose command line holds `part`."""
        return bool(self.pids_of(part))

    def status(self) -> int:
        """What /healthz answers."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as visit:
            visit.request("GET", "/healthz")
            return visit.getresponse().status

    def logs(self) -> str:
        """What its programs wrote last, for whoever has to find out why a test failed."""
        files = sorted((self.data_dir / "logs").glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in files)


def _processes_on(data_dir: bytes) -> Iterator[tuple[int, str]]:
    """Told by their environment; Valkey, which writes its title over that, by its socket."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            line = (directory / "cmdline").read_bytes().replace(b"\0", b" ")
            environment = (directory / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"DATA_DIR=" + data_dir in environment or data_dir + b"/run/valkey.sock" in line:
            yield int(directory.name), line.decode()


def wait_for(fact: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Look until it is so; False if it still is not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (is_so := fact()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_so


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def up(data_dir: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    """`manage.py up` on SQLite in `data_dir`, unless the environment names another database.

    Bound to this process, so that a killed run of the suite leaves no site behind.
    """
    own = {"DATA_DIR": str(data_dir), "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    database = {"DATABASE_URL": f"sqlite:///{data_dir / 'firsthand.sqlite3'}"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up", "--bound"],
        env=os.environ | own | database | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def database_of_test() -> str:
    """The address of the running test's own database, for processes beside the test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def start_site(data_dir: Path, **environment: str) -> Site:
    """The site on a free port, once it says that it is ready."""
    port = free_port()
    supervisor = up(data_dir, port, **environment)
    assert supervisor.stdout is not None
    line = supervisor.stdout.readline()
    if not line.startswith("READY "):
        supervisor.kill()
        pytest.fail(f"not ready: {line}{supervisor.communicate()[1]}")
    return Site(supervisor, port, data_dir, json.loads(line.removeprefix("READY ")))


@contextmanager
def running_site(data_dir: Path, **environment: str) -> Iterator[Site]:
    """The site during the block; afterwards nothing of it is left, or the test fails."""
    site = start_site(data_dir, **environment)
    try:
        yield site
    finally:
        site.supervisor.terminate()
        try:
            site.supervisor.communicate(timeout=PATIENCE_SECONDS)
        finally:
            site.supervisor.kill()
            is_gone = wait_for(lambda: not site.processes())
    assert is_gone, site.processes()
