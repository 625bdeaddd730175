"""The pace of an endpoint: several worker processes, so many requests a minute, nobody too early.

`python -m bench.pacing [--rate 600] [--workers 4] [--seconds 60] [--limited 0.05]` prints one JSON
document. PostgreSQL, Valkey, the mock endpoint and the workers are processes of their own.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.site import ROOT, site_environment
from tests.servers import PostgresServer, ValkeyServer, short_directory

WARM_SECONDS = 20.0
"""In which all workers have started; of these requests is said only whether they came early."""
RETRY_AFTER = 1.0
START_SECONDS = 120.0

PREPARE = """
from llm.actions.endpoints import ensure_endpoint
from work.claims import Plan
from work.queue import enqueue_many
endpoint = ensure_endpoint(
    name="fake", base_url="{url}", model="fake-model", requests_per_minute={rate},
    max_concurrency=64,
)
enqueue_many([
    Plan("ask", {{"n": n}}, {{"n": n}}, "study:alps", lane=endpoint.lane) for n in range({jobs})
])
"""


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=600, help="requests per minute")
    parser.add_argument("--workers", type=int, default=4, help="processes")
    parser.add_argument("--threads", type=int, default=4, help="of each")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--limited", type=float, default=0.0, help="share that is answered 429")
    json.dump(measured(parser.parse_args()), sys.stdout, indent=1)
    print()


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Arrivals at the endpoint while there is always something to ask."""
    with short_directory() as directory, servers(directory) as environment:
        journal = directory / "journal"
        faults = f"429:{options.limited}" if options.limited else ""
        with endpoint(journal, options.latency_ms, faults) as url:
            jobs = round(options.rate * (options.seconds + WARM_SECONDS) / 60 * 1.3) + 50
            made = PREPARE.format(url=url, rate=options.rate, jobs=jobs)
            run([sys.executable, "manage.py", "shell", "-v0", "-c", made], environment)
            with workers(options.workers, environment | {"JOB_THREADS": str(options.threads)}):
                wait_for(journal)
                time.sleep(WARM_SECONDS + options.seconds)
        return report(journal, options)


def report(journal: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What the journal of the endpoint says."""
    visits = [json.loads(line) for line in journal.read_text().splitlines()]
    times = sorted(visit["at"] for visit in visits)
    begin = times[0] + WARM_SECONDS
    steady = [at for at in times if begin <= at < begin + options.seconds]
    allowed = options.rate * options.seconds / 60
    busiest = max(sum(1 for at in times if start <= at < start + 1) for start in times)
    return {
        "workers": options.workers,
        "threads_each": options.threads,
        "permitted_per_minute": options.rate,
        "seconds": options.seconds,
        "requests": len(steady),
        "percent_of_permitted": round(100 * len(steady) / allowed, 1),
        "most_in_a_second": busiest,
        "answered_429": sum(visit["status"] == 429 for visit in visits),
        "before_their_retry_after": sum(bool(visit["early"]) for visit in visits),
    }


@contextlib.contextmanager
def servers(directory: Path) -> Iterator[dict[str, str]]:
    """A database and a broker, and the environment that leads to them."""
    database = PostgresServer(directory / "pg")
    broker = ValkeyServer(directory / "valkey.sock")
    database.start()
    broker.start()
    try:
        environment = site_environment(directory, database.url(), f"unix://{broker.socket}")
        run([sys.executable, "manage.py", "migrate", "-v0"], environment)
        yield environment
    finally:
        broker.stop()
        database.stop()


@contextlib.contextmanager
def endpoint(journal: Path, latency_ms: float, faults: str) -> Iterator[str]:
    """The mock endpoint; its address."""
    command = [sys.executable, "-m", "bench.fakellm", "--journal", str(journal)]
    command += ["--latency-ms", str(latency_ms), "--retry-after", str(RETRY_AFTER)]
    command += ["--faults", faults] if faults else []
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def workers(count: int, environment: dict[str, str]) -> Iterator[None]:
    """Plain worker processes whose one kind of job asks the endpoint."""
    command = [sys.executable, "-m", "tests.work.crew"]
    team = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(count)]
    try:
        yield
    finally:
        for process in team:
            process.terminate()
        for process in team:
            process.wait()


def wait_for(journal: Path) -> None:
    """Until the first request has come."""
    deadline = time.monotonic() + START_SECONDS
    while not (journal.exists() and journal.stat().st_size):
        if time.monotonic() > deadline:
            raise SystemExit("No request came.")
        time.sleep(0.05)


def run(command: list[str], environment: dict[str, str]) -> None:
    """One command of the site, to its end."""
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
