"""The whole site as `manage.py up` starts it: ready, mended, and gone without a trace."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@dataclass
class Site:
    """A running site: its supervisor, where it answers, and what it said when it was ready."""

    supervisor: subprocess.Popen[str]
    port: int
    data_dir: Path
    ready: dict[str, Any]

    def processes(self) -> dict[int, str]:
        """Everything that works on this site's data: process id to command line."""
        working = dict(_processes_on(os.fsencode(self.data_dir)))
        working.pop(self.supervisor.pid, None)
        return working

    def pid_of(self, part: str) -> int:
        """The process whose command line holds `part`; the parent, if it has forked."""
        assert _wait_for(lambda: self.runs(part))
        return min(pid for pid, line in self.processes().items() if part in line)

    def runs(self, part: str) -> bool:
        """Whether there is a process whose command line holds `part`."""
        return any(part in line for line in self.processes().values())

    def status(self) -> int:
        """What /healthz answers."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as visit:
            visit.request("GET", "/healthz")
            return visit.getresponse().status


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


def _wait_for(fact: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.1)
    return fact()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _environment(data_dir: Path, port: int) -> dict[str, str]:
    own = {"DATA_DIR": str(data_dir), "PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    database = f"sqlite:///{data_dir / 'firsthand.sqlite3'}"
    return os.environ | own | {"DATABASE_URL": database}


def _up(data_dir: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        env=_environment(data_dir, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _start(data_dir: Path, port: int) -> Site:
    supervisor = _up(data_dir, port)
    assert supervisor.stdout is not None
    line = supervisor.stdout.readline()
    if not line.startswith("READY "):
        supervisor.kill()
        pytest.fail(f"not ready: {line}{supervisor.communicate()[1]}")
    return Site(supervisor, port, data_dir, json.loads(line.removeprefix("READY ")))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Site]]:
    """Gives the site that runs, or starts it once more; all of them on the same data."""
    data_dir = tmp_path_factory.mktemp("site")
    started: list[Site] = []

    def running() -> Site:
        if not started or started[-1].supervisor.poll() is not None:
            started.append(_start(data_dir, _free_port()))
        return started[-1]

    yield running
    for site in started:
        site.supervisor.kill()
        site.supervisor.communicate()


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    """A running site, which the test may kill."""
    return sites()


def test_ready_line_tells_all_that_a_script_needs(site: Site) -> None:
    assert set(site.ready) == {"url", "admin_user", "admin_password", "api_token", "study"}
    assert site.ready["url"] == f"http://127.0.0.1:{site.port}"
    assert site.status() == 200


@pytest.mark.parametrize("part", ["config.server", "config.celery", "manage.py sweep"])
def test_killed_program_is_restarted(site: Site, part: str) -> None:
    killed = site.pid_of(part)

    os.kill(killed, signal.SIGKILL)

    assert _wait_for(lambda: killed not in site.processes())
    assert _wait_for(lambda: site.runs(part))
    assert site.status() == 200


def test_killed_broker_is_restarted(site: Site) -> None:
    killed = site.pid_of("valkey-server")

    os.kill(killed, signal.SIGKILL)

    assert _wait_for(lambda: killed not in site.processes())
    assert _wait_for(lambda: site.runs("valkey-server"))


def test_killed_supervisor_leaves_nothing(site: Site) -> None:
    # The worker has forked its pool by then: grandchildren have to go as well.
    assert _wait_for(lambda: sum("celery" in line for line in site.processes().values()) == 2)

    site.supervisor.kill()
    site.supervisor.wait()

    assert _wait_for(lambda: not site.processes()), site.processes()


def test_interrupt_stops_everything_with_status_zero(site: Site) -> None:
    site.supervisor.send_signal(signal.SIGINT)

    assert site.supervisor.wait(PATIENCE_SECONDS) == 0
    assert site.processes() == {}


def _refusal(data_dir: Path, port: int) -> tuple[int, str]:
    second = _up(data_dir, port)
    _output, errors = second.communicate(timeout=PATIENCE_SECONDS)
    return second.returncode, errors.strip()


def test_second_start_on_the_same_data_is_refused(site: Site) -> None:
    running = f"DATA_DIR {site.data_dir} (process {site.supervisor.pid})"

    refusal = _refusal(site.data_dir, _free_port())

    assert refusal == (1, f"CommandError: Firsthand already runs with {running}.")


def test_start_on_a_taken_port_is_refused(site: Site, tmp_path: Path) -> None:
    status, errors = _refusal(tmp_path, site.port)

    assert status == 1
    assert errors.startswith(f"CommandError: 127.0.0.1:{site.port} can't be listened on:")
    assert "Traceback" not in errors
