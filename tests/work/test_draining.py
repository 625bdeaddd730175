"""Working through the table with threads, and leaving it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections

from tests.work.conftest import Enqueue
from tests.work.test_execution import finish
from work import queue
from work.claims import Claim, Plan
from work.draining import Drain, OneAtATime
from work.models import Job, JobResult, WorkerHeartbeat

HandledBy = Callable[[Callable[[Claim], None]], None]


def enqueue_number(count: int) -> None:
    """Enqueue so many jobs."""
    queue.enqueue_many([Plan("echo", {"n": n}, {}, "study:alps") for n in range(count)])


@pytest.mark.django_db
def test_drain_does_all_and_leaves(handled_by: HandledBy) -> None:
    handled_by(finish)
    enqueue_number(5)

    assert Drain().run(threads=1) == 5
    assert Job.objects.unfinished().count() == 0


@pytest.mark.django_db
def test_drain_shows_that_it_lives(handled_by: HandledBy) -> None:
    handled_by(finish)

    Drain(role="test").run(threads=1)

    assert WorkerHeartbeat.objects.get().role == "test"


@pytest.mark.django_db(transaction=True)
def test_drain_by_threads_does_each_job_once(handled_by: HandledBy) -> None:
    seen: Counter[UUID] = Counter()

    def count(claim: Claim) -> None:
        seen[claim.job_id] += 1
        finish(claim)

    handled_by(count)
    enqueue_number(100)

    assert Drain().run(threads=8) == 100
    assert (len(seen), max(seen.values()), JobResult.objects.count()) == (100, 1, 100)


@pytest.mark.django_db(transaction=True)
def test_drain_completes_the_job_in_hand_when_stopped(handled_by: HandledBy) -> None:
    stop = threading.Event()

    def stop_meanwhile(claim: Claim) -> None:
        stop.set()
        time.sleep(0.05)
        finish(claim)

    handled_by(stop_meanwhile)
    enqueue_number(3)

    assert Drain(stop=stop, stays=True, seconds=10).run(threads=1) == 1
    assert Job.objects.filter(state="done").count() == 1


@pytest.mark.django_db
def test_drain_leaves_in_time(handled_by: HandledBy) -> None:
    def take_long(claim: Claim) -> None:
        time.sleep(0.03)
        finish(claim)

    handled_by(take_long)
    enqueue_number(20)

    assert Drain(seconds=0.1).run(threads=1) < 20


@pytest.mark.django_db(transaction=True)
def test_claim_by_threads_gives_each_job_once() -> None:
    enqueue_number(60)
    taken: list[UUID] = []

    def take_all() -> None:
        taken.extend(claim.job_id for claim in iter(lambda: queue.claim("w"), None))
        connections.close_all()

    team = [threading.Thread(target=take_all) for _ in range(8)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()

    assert (len(taken), len(set(taken))) == (60, 60)


@pytest.mark.django_db(transaction=True)
def test_enqueue_by_threads_makes_one_job(enqueue: Enqueue) -> None:
    ids: list[UUID] = []

    def ask() -> None:
        ids.append(enqueue(key={"same": True}).pk)
        connections.close_all()

    team = [threading.Thread(target=ask) for _ in range(20)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()

    assert (len(ids), len(set(ids)), Job.objects.count()) == (20, 1, 1)


def test_one_at_a_time_skips_a_second_drain() -> None:
    one_at_a_time = OneAtATime()

    assert one_at_a_time(lambda: 1 + one_at_a_time(lambda: 100)) == 1
    assert one_at_a_time.wait(0.1) is True


@pytest.mark.django_db(transaction=True)
def test_worker_command_drains_the_table(
    handled_by: HandledBy, capsys: pytest.CaptureFixture[str]
) -> None:
    handled_by(finish)
    enqueue_number(7)

    call_command("worker", "--drain", "--threads", "2")

    assert capsys.readouterr().out == "7 jobs done\n"
