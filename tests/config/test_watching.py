"""Processes that run and do nothing are ended; others that have their number are not."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from config.watching import end_the_silent
from work.models import WorkerHeartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    """One that does nothing, and has run for more than the tick in which ages are counted."""
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(0.1)
    yield running
    running.kill()
    running.wait()


def last_heard_of(pid: int, ago: timedelta) -> None:
    """As if the process had shown itself then."""
    owner = f"celery@{socket.gethostname()}:{pid}"
    WorkerHeartbeat.objects.create(owner=owner, role="celery", at=Now() - ago)


def test_silent_process_is_ended(
    process: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WorkerHeartbeat, "LIVING", timedelta())
    last_heard_of(process.pid, timedelta())
    time.sleep(0.05)

    assert end_the_silent(patience=0) == [process.pid]
    assert process.wait(60) < 0


def test_process_that_got_a_number_later_is_left_alone(process: "subprocess.Popen[bytes]") -> None:
    last_heard_of(process.pid, timedelta(hours=3))

    assert (end_the_silent(patience=0), process.poll()) == ([], None)


def test_process_that_is_gone_is_nobody() -> None:
    last_heard_of(2**22 + 1, timedelta(hours=3))

    assert end_the_silent(patience=0) == []


def test_alive_says_whether_one_is_at_work() -> None:
    with pytest.raises(CommandError, match="No celery has shown itself here for 60 s"):
        call_command("alive", "celery")
    last_heard_of(1, timedelta(seconds=5))

    call_command("alive", "celery", "--end")
