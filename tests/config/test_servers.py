"""The suite's own servers are what they say they are."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from tests.services import on_sqlite


@pytest.mark.django_db
def test_database_is_the_one_asked_for() -> None:
    assert connection.vendor == ("sqlite" if on_sqlite() else "postgresql")


def test_broker_answers_as_cache() -> None:
    cache.set("asked", "answered")

    assert cache.get("asked") == "answered"


STARTER = """
import sys, time
from pathlib import Path
from tests.servers import PostgresServer, ValkeyServer, short_directory

with short_directory() as directory:
    database, broker = PostgresServer(directory / "pg"), ValkeyServer(directory / "valkey.sock")
    database.start(), broker.start()
    print(directory, database.process.pid, broker.process.pid, flush=True)
    time.sleep(60)
"""


def test_servers_and_their_directory_are_gone_when_their_starter_is_killed() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    directory, *pids = starter.stdout.readline().split()
    starter.stdout.close()

    starter.kill()
    starter.wait()

    traces = [Path(directory), *(Path("/proc") / pid for pid in pids)]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(path.exists() for path in traces):
        time.sleep(0.1)
    assert [path for path in traces if path.exists()] == []
