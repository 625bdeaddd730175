"""Many jobs, several workers, and a server that is down or says "later": never a storm."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from llm import ledger
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call, Endpoint, EndpointHealth
from tests.llm.conftest import Ask
from work import queue, registry
from work.claims import Claim, Plan
from work.draining import Drain
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
JOBS = 20
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds where it would be minutes, so that a test can wait for them."""
    monkeypatch.setattr("llm.actions.health.OPEN_SECONDS", (0.3,))
    monkeypatch.setattr(queue, "BACKOFF_CAP", 0.2)
    monkeypatch.setattr("work.draining.IDLE_SECONDS", 0.05)
    monkeypatch.setattr("llm.health.REPEATED_ALWAYS", 1000)
    monkeypatch.setattr(registry, "_handlers", {})
    monkeypatch.setattr(registry, "_claim_hooks", [ledger.on_claim])
    monkeypatch.setattr(registry, "_late_hooks", [ledger.on_late])


@pytest.fixture
def jobs(asked: Ask, endpoint: Endpoint) -> None:
    """Many that each ask one question."""

    def handle(claim: Claim) -> None:
        asked(f"How good is {claim.job_id}?", claim=claim)
        with queue.finishing(claim):
            pass

    registry.register("judge", handle)
    queue.enqueue_many(
        [Plan("judge", {"n": n}, {}, "study:alps", lane=endpoint.lane) for n in range(JOBS)]
    )


@contextmanager
def two_workers() -> Iterator[None]:
    """Each with four threads; they share nothing but the database."""
    stop = threading.Event()
    team = [Drain(role=f"w{n}", stays=True, stop=stop) for n in range(2)]
    threads = [threading.Thread(target=worker.run, args=(4,)) for worker in team]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look until it is, or for a minute."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_over() -> bool:
    """Whether all jobs are done."""
    return Job.objects.filter(state="done").count() == JOBS


@pytest.mark.usefixtures("jobs")
def test_server_that_is_down_is_probed_and_not_hammered(server: FakeLlm) -> None:
    server.script(*[Scripted(503, "")] * 10_000)

    with two_workers():
        wait_until(lambda: EndpointHealth.objects.filter(trips=1).exists())
        before = len(server.requests)
        wait_until(lambda: EndpointHealth.objects.filter(trips=5).exists())
        after = len(server.requests) - before
        server.manner.script.clear()
        wait_until(is_over)

    # Four probes, and who was under way when it opened.
    assert 4 <= after <= 20
    assert EndpointHealth.objects.get().circuit == "closed"
    assert not Job.objects.filter(state="dead").exists()


@pytest.mark.usefixtures("jobs")
def test_server_that_is_down_does_not_stop_another(server: FakeLlm, asked: Ask) -> None:
    server.script(*[Scripted(503, "")] * 10_000)

    with FakeLlm(lambda _request: {"score": 5}) as well, two_workers():
        wait_until(lambda: EndpointHealth.objects.filter(circuit="open").exists())
        other = ensure_endpoint(name="other", base_url=well.url, model="fake-model")

        assert asked(endpoint=other).value == {"score": 5}


@pytest.mark.usefixtures("jobs")
def test_server_that_says_later_is_not_asked_before(server: FakeLlm) -> None:
    later = Scripted(429, "", {"retry-after-ms": "400"})
    server.script(*[later] * 6)

    with two_workers():
        wait_until(is_over)

    calls = Call.objects.order_by("job_id", "attempt")
    assert len(server.requests) == JOBS + 6
    assert not Job.objects.filter(forgiven__lt=1, attempt__gt=1).exists()
    for earlier, call in pairwise(calls):
        if earlier.job_id == call.job_id and earlier.finished_at:
            assert (call.started_at - earlier.finished_at).total_seconds() >= 0.4
    # No more than four were under way when it first said so.
    windows = Call.objects.filter(outcome="rate_limited").order_by("started_at")
    assert (windows[5].started_at - windows[0].started_at).total_seconds() >= 0.4
