"""The ground of a chaos run: servers, proxies between them and the site, and the site's processes.

The driver's own database connection goes past the proxies.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bench.chaos.crew import Crew
from bench.chaos.proxy import Proxy
from bench.site import ROOT, answers, free_port, make_tables, prepare, site_environment
from tests.servers import CannotStart, PostgresServer, ValkeyServer, short_directory

LEASE_SECONDS = 8
START_SECONDS = 120
SECRET = "for an hour of chaos only, on this machine only"
HASTY = {
    "JOB_POLL_SECONDS": "1",
    "JOB_SWEEP_SECONDS": "0.5",
    "JOB_DRAIN_SECONDS": "5",
    "JOB_THREADS": "4",
    "LOG_LEVEL": "ERROR",
    "RATE_LIMITS": "false",
}


@dataclass
class Ground:
    """Everything that can be harmed."""

    directory: Path
    database: PostgresServer
    broker: ValkeyServer
    proxies: dict[str, Proxy]
    crew: Crew
    web: list[str]
    journal: Path
    model_port: int
    lease_seconds: int

    def set_latency(self, milliseconds: float) -> None:
        """Let the endpoint answer after so long from now on."""
        order = json.dumps({"latency_ms": milliseconds}).encode()
        address = f"http://127.0.0.1:{self.model_port}/control"
        urlopen(Request(address, order), timeout=10).close()

    def restart_database(self, how: signal.Signals) -> None:
        """Crash it and start it again; what is left of a killed one must be gone first."""
        self.database.stop(how)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.database.start()
                return
            except CannotStart:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def restart_broker(self) -> None:
        """Kill it and start it empty: nothing that it held is kept."""
        self.broker.stop(signal.SIGKILL)
        shutil.rmtree(self.broker.socket.parent / "appendonlydir", ignore_errors=True)
        self.broker.start()

    def billed(self) -> list[str]:
        """The names of the calls that the endpoint has billed: the ids of their rows."""
        lines = [json.loads(line) for line in self.journal.read_bytes().splitlines()]
        return [line["id"] for line in lines if line["billed"]]

    def end_of_logs(self) -> str:
        """What the programs wrote last."""
        logs = sorted(self.directory.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in logs)


@contextlib.contextmanager
def prepared(
    faults: str,
    seed: int,
    latency_ms: int,
    *,
    has_pages: bool = False,
    lease_seconds: int = LEASE_SECONDS,
) -> Iterator[Ground]:
    """Servers and proxies, tables made, and this process' settings pointed at them; no site yet."""
    with short_directory() as directory, contextlib.ExitStack() as ending:
        database = PostgresServer(directory / "pg", durable=True)
        database.start()
        ending.callback(database.stop)
        (directory / "valkey").mkdir()
        broker = ValkeyServer(directory / "valkey" / "valkey.sock")
        broker.start()
        ending.callback(broker.stop)
        journal = directory / "journal.jsonl"
        model = ending.enter_context(endpoint(journal, faults, seed, latency_ms))
        own = site_environment(directory, database.url(), f"unix://{broker.socket}")
        own |= {"LLM_HOSTS": "127.0.0.1", "SECRET_KEY": SECRET, **HASTY}
        own["JOB_LEASE_SECONDS"] = str(lease_seconds)
        os.environ.update(own)
        (prepare if has_pages else make_tables)(own)
        proxies = {
            "web-database": Proxy(str(directory / "pg" / ".s.PGSQL.5432")),
            "worker-database": Proxy(str(directory / "pg" / ".s.PGSQL.5432")),
            "worker-broker": Proxy(str(broker.socket)),
            "worker-model": Proxy(urlsplit(model).port or 0),
        }
        port = proxies["worker-model"].upstream
        assert isinstance(port, int)
        yield Ground(
            directory, database, broker, proxies, Crew(directory), [], journal, port, lease_seconds
        )


@contextlib.contextmanager
def endpoint(journal: Path, faults: str, seed: int, latency_ms: int) -> Iterator[str]:
    """The mock endpoint as a process of its own, honest but for its faults; its address."""
    options = ["--honest", "--journal", str(journal), "--seed", str(seed)]
    options += ["--latency-ms", str(latency_ms), "--retry-after", "0.1"]
    options += ["--faults", faults] if faults else []
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.fakellm", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[1]
    finally:
        server.kill()
        server.communicate()


def populate(ground: Ground, many: Mapping[str, int]) -> None:
    """Start the site: web processes, workers behind the doorbell and plain ones, and sweepers."""
    crew, plainly = ground.crew, dict(os.environ)
    web = plainly | {"DATABASE_URL": _database_by(ground, "web-database")}
    for number in range(many["web"]):
        port = str(free_port())
        ground.web.append(f"http://127.0.0.1:{port}")
        own = {"PORT": port, "SITE_URL": ground.web[-1]}
        crew.add(f"web-{number}", web | own, "-m", "config.server")
    worker = plainly | {
        "DATABASE_URL": _database_by(ground, "worker-database"),
        "REDIS_URL": f"redis://127.0.0.1:{ground.proxies['worker-broker'].port}/0",
    }
    modest = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-Ofair")
    pool = ("-c", str(many["pool"]), "--loglevel", "ERROR")
    command = ("-m", "celery", "-A", "config.celery", "worker", *pool)
    for number in range(many["celery"]):
        crew.add(f"celery-{number}", worker, *command, *modest, "-n", f"w{number}@%h")
    for number in range(many["plain"]):
        crew.add(f"plain-{number}", worker, "manage.py", "worker")
    for number in range(many["sweeper"]):
        crew.add(f"sweeper-{number}", worker, "manage.py", "sweep")


def wait_for_web(ground: Ground) -> None:
    """Return once every web process answers."""
    deadline = time.monotonic() + START_SECONDS
    while not all(answers(f"{url}/healthz") for url in ground.web):
        ground.crew.tend()
        if time.monotonic() > deadline:
            raise SystemExit(f"The site did not start.\n{ground.end_of_logs()}")
        time.sleep(0.2)


def _database_by(ground: Ground, proxy: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{ground.proxies[proxy].port}/postgres"
