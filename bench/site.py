"""A site to measure: PostgreSQL with its own durable settings, and the web server, on loopback."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.processes import start_bound
from tests.servers import NO_SETTINGS, PostgresServer, ValkeyServer, short_directory

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
TABLES = ("migrate", "createcachetable")
IN_TURN = """
import sys
import django
from django.core.management import call_command

django.setup()
for command in sys.argv[1:]:
    call_command(*command.split(), verbosity=0)
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Site:
    """Where the site under measurement answers, and which processes it is made of."""

    url: str
    port: int
    environment: dict[str, str]
    web: int
    database: int
    directory: Path

    def manage(self, *arguments: str) -> str:
        """Run one of the site's commands; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return done.stdout

    def cpu_seconds(self) -> float:
        """What web and database have used so far, children included."""
        return sum(cpu_of(pid) for root in (self.web, self.database) for pid in family(root))


@contextlib.contextmanager
def running_site(
    workers: int = 2, database_settings: Mapping[str, str] = NO_SETTINGS
) -> Iterator[Site]:
    """Start it, and end all of it afterwards."""
    with short_directory() as directory:
        database = PostgresServer(directory / "pg", durable=True, settings=database_settings)
        database.start()
        broker = ValkeyServer(directory / "valkey.sock")
        broker.start()
        environment = site_environment(directory, database.url(), f"unix://{directory}/valkey.sock")
        port = free_port()
        environment |= {"PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
        web = None
        try:
            prepare(environment)
            web = start_web(environment, port, workers)
            assert database.process is not None
            url = f"http://127.0.0.1:{port}"
            yield Site(url, port, environment, web.pid, database.process.pid, directory)
        finally:
            if web is not None:
                web.terminate()
                web.wait()
            broker.stop()
            database.stop()


@contextlib.contextmanager
def bare_site() -> Iterator[dict[str, str]]:
    """The environment of a site on SQLite with its tables made; nothing of it runs."""
    with short_directory() as directory:
        broker = ValkeyServer(directory / "valkey.sock")
        broker.start()
        database = f"sqlite:///{directory}/var/firsthand.sqlite3"
        environment = site_environment(directory, database, f"unix://{directory}/valkey.sock")
        (directory / "var").mkdir()
        try:
            make_tables(environment)
            yield environment
        finally:
            broker.stop()


def site_environment(directory: Path, database: str, broker: str) -> dict[str, str]:
    """Only what the site needs, so that nothing of the caller's leaks in."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "DATA_DIR": str(directory / "var"),
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SECRET_KEY": "for measuring only, on this machine only, for a minute",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def prepare(environment: dict[str, str]) -> None:
    """Tables and static files."""
    _manage(environment, *TABLES, "collectstatic --noinput")


def make_tables(environment: dict[str, str]) -> None:
    """All of them, also the cache's."""
    _manage(environment, *TABLES)


def _manage(environment: dict[str, str], *commands: str) -> None:
    """All in one process: starting takes longer than most commands."""
    program = [sys.executable, "-c", IN_TURN]
    subprocess.run([*program, *commands], cwd=ROOT, env=environment, check=True)


def start_web(environment: dict[str, str], port: int, workers: int) -> "subprocess.Popen[bytes]":
    """The web server as the supervisor starts it, with so many processes."""
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port)]
    options = ["--workers", str(workers), "--no-access-log", "--lifespan", "off", "--ws", "none"]
    # On a busy machine a process that is still importing would be taken for dead after 5 s.
    options += ["--timeout-worker-healthcheck", str(START_SECONDS)]
    log = Path(environment["DATA_DIR"]) / "web.log"
    with log.open("ab") as output:
        # Told to leave, also by our own end, it ends its processes as well.
        web = start_bound(
            [*command, *options],
            output=output,
            directory=ROOT,
            environment=environment,
            death=signal.SIGTERM,
        )
    deadline = time.monotonic() + START_SECONDS
    while not answers(f"http://127.0.0.1:{port}/healthz"):
        if time.monotonic() > deadline or web.poll() is not None:
            raise SystemExit(f"The web server did not start; see {log}.")
        time.sleep(0.1)
    return web


def answers(url: str) -> bool:
    """Does the address answer 200?"""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def family(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def cpu_of(pid: int) -> float:
    """User and system seconds of a process, with those of children it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS


def memory_mb(pid: int) -> float:
    """Proportional memory (PSS) of a process, in megabytes."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
