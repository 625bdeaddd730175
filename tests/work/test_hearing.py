"""A worker that lost its consumer notices it, and leaves for another to be started."""

import time

import pytest

from config.celery import app
from tests.work.test_killed_workers import CELERY, crew
from work.doorbell import ring_the_bell
from work.hearing import LOOKS, Ears


def looks(waiting: int, heard: bool, times: int = LOOKS) -> list[bool]:
    """What a process concludes from look after look."""
    ears, found = Ears(lambda: waiting), list[bool]()
    for _ in range(times):
        if heard:
            ears.hear()
        found.append(ears.are_deaf())
    return found


def test_who_hears_no_ring_that_waits_is_deaf() -> None:
    assert looks(waiting=1, heard=False) == [False] * (LOOKS - 1) + [True]


@pytest.mark.parametrize(("waiting", "heard"), [(0, False), (4, True), (0, True)])
def test_who_hears_rings_or_has_none_to_hear_is_not(waiting: int, heard: bool) -> None:
    assert not any(looks(waiting, heard, times=3 * LOOKS))


def test_one_ring_heard_begins_the_count_anew() -> None:
    ears = Ears(lambda: 1)
    for _ in range(LOOKS - 1):
        ears.are_deaf()
    ears.hear()

    assert [ears.are_deaf() for _ in range(LOOKS)] == [False] * LOOKS


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_worker_without_a_consumer_leaves() -> None:
    app.control.purge()
    deadline = time.monotonic() + 120
    with crew(CELERY) as worker:
        while worker.poll() is None and time.monotonic() < deadline:
            app.control.cancel_consumer(app.conf.task_default_queue)
            ring_the_bell()
            time.sleep(0.2)

        assert worker.poll() is not None
    app.control.purge()
