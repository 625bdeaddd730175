"""Who counts as being at work: whoever looked for work lately, or has some in hand."""

import os
import socket
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tests.work.conftest import Enqueue
from tests.work.test_queue import claimed, let_leases_end
from work.liveness import beat, is_alive, process_name, silent_here, thread_name
from work.models import WorkerHeartbeat

pytestmark = pytest.mark.django_db


def be_silent_for(minutes: int) -> None:
    """Move all heartbeats into the past."""
    WorkerHeartbeat.objects.update(at=Now() - timedelta(minutes=minutes))


def test_process_that_looked_lately_is_alive() -> None:
    beat("worker")

    assert (is_alive("worker"), is_alive("sweeper"), silent_here()) == (True, False, {})


def test_process_that_does_not_look_any_more_is_silent() -> None:
    beat("worker")
    be_silent_for(2)

    assert not is_alive("worker")
    assert [*silent_here()] == [os.getpid()]
    assert silent_here()[os.getpid()] >= timedelta(minutes=2)


@pytest.mark.parametrize("role", ["demo", "command"])
def test_process_that_only_helped_is_not_called_silent(role: str) -> None:
    beat(role)
    be_silent_for(2)

    assert silent_here() == {}


def test_process_with_a_long_job_in_hand_is_alive(enqueue: Enqueue) -> None:
    enqueue()
    beat("worker")
    claimed(thread_name("worker"))
    be_silent_for(2)
    assert (is_alive("worker"), silent_here()) == (True, {})

    let_leases_end()

    assert (is_alive("worker"), [*silent_here()]) == (False, [os.getpid()])


def test_processes_of_other_machines_are_left_to_those() -> None:
    owner = process_name("worker").replace(socket.gethostname(), "elsewhere")
    WorkerHeartbeat.objects.create(owner=owner, role="worker", at=Now())
    be_silent_for(2)

    assert (is_alive("worker"), silent_here()) == (False, {})
