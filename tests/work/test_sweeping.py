"""The sweeper: it rings for waiting work, ticks once, and minds no broken broker."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from celery import current_app
from django.conf import settings
from django.db import connections

from config.celery import app
from tests.work.conftest import Enqueue
from tests.work.test_execution import finish
from tests.work.test_queue import state_of
from work import doorbell, hearing, registry
from work.claims import Claim
from work.models import Tick, WorkerHeartbeat
from work.sweeping import do_once, sweep
from work.tasks import ring

NOON = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)


def rings_waiting() -> int:
    """How many rings nobody has answered."""
    with app.connection_for_write() as connection:
        return int(hearing.unanswered(connection))


@pytest.fixture
def quiet_bell() -> Iterator[None]:
    """A broker without old rings."""
    app.control.purge()
    yield
    app.control.purge()


@pytest.fixture
def silent_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    monkeypatch.setattr(current_app.conf, "broker_write_url", address)
    with listener:
        yield


@pytest.fixture
def absent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is not there."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")


@pytest.mark.django_db
@pytest.mark.usefixtures("quiet_bell")
def test_sweep_rings_while_work_waits(enqueue: Enqueue) -> None:
    enqueue()

    assert sweep() is True
    assert rings_waiting() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("quiet_bell")
def test_sweep_is_silent_without_work() -> None:
    assert sweep() is True
    assert (rings_waiting(), WorkerHeartbeat.objects.get().role) == (0, "sweeper")


@pytest.mark.django_db
@pytest.mark.usefixtures("quiet_bell")
def test_sweep_does_not_pile_up_rings(enqueue: Enqueue) -> None:
    enqueue()

    for _ in range(10):
        sweep()

    assert rings_waiting() == doorbell.UNANSWERED


@pytest.mark.django_db
@pytest.mark.usefixtures("absent_broker")
def test_sweep_survives_an_absent_broker(enqueue: Enqueue) -> None:
    enqueue()
    started = time.monotonic()

    assert sweep() is False
    assert time.monotonic() - started < 5


@pytest.mark.django_db
@pytest.mark.usefixtures("silent_broker")
def test_sweep_survives_a_silent_broker(enqueue: Enqueue) -> None:
    enqueue()
    started = time.monotonic()

    assert sweep() is False
    assert time.monotonic() - started < 8


@pytest.mark.django_db
def test_do_once_acts_once_per_interval() -> None:
    ticks: list[datetime] = []
    periodic = registry.Periodic("test", 60, ticks.append)

    done = [do_once(periodic, NOON), do_once(periodic, NOON.replace(second=59))]

    assert (done, ticks) == ([True, False], [NOON.replace(second=0)])


@pytest.mark.django_db
def test_do_once_tries_again_after_a_failure() -> None:
    def act(_tick: datetime) -> None:
        raise ZeroDivisionError

    assert do_once(registry.Periodic("test", 60, act), NOON) is False
    assert Tick.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_do_once_by_three_sweepers_acts_once() -> None:
    ticks: list[datetime] = []
    periodic = registry.Periodic("test", 60, ticks.append)

    def sweep_it() -> None:
        do_once(periodic, NOON)
        connections.close_all()

    team = [threading.Thread(target=sweep_it) for _ in range(3)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()

    assert ticks == [NOON.replace(second=0)]


@pytest.mark.django_db(transaction=True)
def test_ring_does_what_waits(
    enqueue: Enqueue, handled_by: Callable[[Callable[[Claim], None]], None]
) -> None:
    job = enqueue()
    handled_by(finish)

    ring()

    assert state_of(job) == ("done", 1)


def test_ring_ends_before_celery_kills_it() -> None:
    longest = settings.JOB_DRAIN_SECONDS + settings.JOB_LEASE_SECONDS

    assert longest < settings.CELERY_TASK_SOFT_TIME_LIMIT
