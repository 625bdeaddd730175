"""Workers die by `kill -9` in the middle of paid calls: nothing is lost, nothing is doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from django.db import connection

from bench.fakellm.server import FakeLlm
from config.celery import app
from llm.actions.endpoints import ensure_endpoint
from work import queue
from work.claims import Plan
from work.models import Job, JobResult
from work.sweeping import sweep

PLAIN = [sys.executable, "-m", "tests.work.crew"]
CELERY = [
    *[sys.executable, "-m", "celery", "-A", "tests.work.crew", "worker"],
    *["--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle"],
]
JOBS = 40
MORE = 360
"""So many in all that no worker does them before it stops."""


def environment(poll_seconds: float) -> dict[str, str]:
    """The test's own, but with the test's database and short leases."""
    name = connection.settings_dict["NAME"]
    address = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    short = {"JOB_LEASE_SECONDS": "3", "JOB_POLL_SECONDS": str(poll_seconds)}
    return os.environ | short | {"DATABASE_URL": address}


@contextmanager
def crew(command: list[str], poll_seconds: float = 0.3) -> Iterator[subprocess.Popen[bytes]]:
    """A group of worker processes, killed as a whole at the end if it still runs."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        command,
        env=environment(poll_seconds),
        start_new_session=True,
        **quiet,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 the whole group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_results(count: int, seconds: float = 60) -> None:
    """Until so many jobs are done."""
    deadline = time.monotonic() + seconds
    while JobResult.objects.count() < count:
        assert time.monotonic() < deadline, Job.objects.values_list("state", "last_error")
        time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    """Echoes after a moment, with an endpoint that points to it and a table full of jobs."""
    with FakeLlm(latency=0.1) as fake:
        ensure_endpoint(name="fake", base_url=fake.url, model="fake-model")
        enqueue(range(JOBS))
        yield fake


def enqueue(numbers: range) -> None:
    """One job for each number."""
    queue.enqueue_many([Plan("ask", {"n": n}, {"n": n}, "study:alps") for n in numbers])


@pytest.mark.chaos
@pytest.mark.usefixtures("server")
@pytest.mark.django_db(transaction=True)
def test_rings_alone_keep_a_celery_worker_at_work() -> None:
    app.control.purge()
    deadline = time.monotonic() + 60
    with crew(CELERY, poll_seconds=600):
        while Job.objects.unfinished().exists() and time.monotonic() < deadline:
            assert sweep() is True
            time.sleep(0.2)

    assert JobResult.objects.count() == JOBS


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("command", [PLAIN, CELERY], ids=["plain", "celery"])
def test_stopped_workers_complete_what_they_hold(server: FakeLlm, command: list[str]) -> None:
    app.control.purge()
    enqueue(range(JOBS, JOBS + MORE))
    server.latency = 1.0
    with crew(command) as process:
        wait_for_results(1)
        process.terminate()
        process.wait(timeout=30)

    assert Job.objects.filter(state="leased").count() == 0
    assert server.billed == JobResult.objects.count() < JOBS + MORE
