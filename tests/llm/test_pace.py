"""Requests and tokens of a minute: reserved ahead, in Redis or in the database."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.models.functions import Now

from bench.fakellm.replies import completion
from bench.fakellm.server import FakeLlm
from llm import newest, pace
from llm.actions.endpoints import ensure_endpoint
from llm.errors import HeldBack
from llm.exchange import Prompt
from llm.models import Endpoint, EndpointHealth
from tests.llm.conftest import SCHEMA, Ask, claimed
from tests.servers import ValkeyServer, short_directory
from work import queue
from work.claims import Claim, Plan
from work.keys import canonical_json
from work.models import Job, Lane

pytestmark = pytest.mark.django_db
NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["redis", "database"])
def _kept_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_asked_again_at", 0.0)
    if request.param == "database":
        monkeypatch.setitem(settings.CACHES["default"], "LOCATION", NO_REDIS)


@pytest.fixture
def paced(server: FakeLlm) -> Callable[..., Endpoint]:
    """An endpoint with these limits."""

    def make(**limits: int) -> Endpoint:
        return ensure_endpoint(name="paced", base_url=server.url, model="m", **limits)

    return make


def waits(endpoint: Endpoint, count: int, tokens: int = 0, lead: float = 0.0) -> list[int]:
    """How long each of so many must wait who come at once, to the nearest five seconds."""
    turn = pace._turn(endpoint, tokens, lead, 1000.0)
    return [5 * round(pace._reserved(endpoint, turn)[1] / 5) for _ in range(count)]


@pytest.mark.usefixtures("_kept_in")
def test_turns_are_an_even_distance_apart(paced: Callable[..., Endpoint]) -> None:
    assert waits(paced(requests_per_minute=6), 4) == [0, 10, 20, 30]


@pytest.mark.usefixtures("_kept_in")
def test_turns_are_as_far_apart_as_their_tokens(paced: Callable[..., Endpoint]) -> None:
    endpoint = paced(tokens_per_minute=600)

    assert waits(endpoint, 2, tokens=100) + waits(endpoint, 2, tokens=300) == [0, 10, 20, 50]


@pytest.mark.usefixtures("_kept_in")
def test_turns_keep_both_limits(paced: Callable[..., Endpoint]) -> None:
    endpoint = paced(tokens_per_minute=600, requests_per_minute=12)

    assert waits(endpoint, 2, tokens=100) + waits(endpoint, 3) == [0, 10, 20, 25, 30]


@pytest.mark.usefixtures("_kept_in")
def test_turns_of_people_come_before_those_of_jobs(paced: Callable[..., Endpoint]) -> None:
    endpoint = paced(requests_per_minute=6)
    waits(endpoint, 3)

    assert waits(endpoint, 1, lead=20.0) + waits(endpoint, 1) == [10, 40]


@pytest.mark.usefixtures("_kept_in")
def test_tokens_not_needed_are_given_back(paced: Callable[..., Endpoint]) -> None:
    endpoint = paced(tokens_per_minute=600)
    waits(endpoint, 1, tokens=500)

    pace.give_back(endpoint, 300)

    assert waits(endpoint, 1, tokens=1) == [20]


@pytest.mark.usefixtures("_kept_in")
def test_turn_too_far_away_is_not_reserved(paced: Callable[..., Endpoint]) -> None:
    endpoint = paced(requests_per_minute=2)
    pace.wait_for_turn(endpoint, 0)

    with pytest.raises(HeldBack):
        pace.wait_for_turn(endpoint, 0)
    with pytest.raises(HeldBack) as held:
        pace.wait_for_turn(endpoint, 0)

    assert (held.value.outcome, held.value.counts) == ("paced", False)
    assert 10 < (held.value.after_seconds or 0) < 26
    assert Lane.objects.filter(closed_until__gt=Now() + timedelta(seconds=5)).exists()


@pytest.mark.usefixtures("_kept_in")
def test_lease_begins_anew_before_a_longer_sleep(
    paced: Callable[..., Endpoint], claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = paced(requests_per_minute=12)
    slept: list[float] = []
    monkeypatch.setattr("llm.pace.time.sleep", slept.append)
    pace.wait_for_turn(endpoint, 0)
    Job.objects.update(lease_until=Now())

    pace.wait_for_turn(endpoint, 0, claim)

    assert 1 < slept[1] <= 5
    assert Job.objects.filter(lease_until__gt=Now() + timedelta(seconds=60)).exists()


def test_unlimited_endpoint_asks_nobody(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_reserved", None)

    pace.wait_for_turn(endpoint, 10)

    assert pace.live_turn(endpoint, 10) == 0


def test_tokens_are_reckoned_with_the_answer(endpoint: Endpoint) -> None:
    prompt = Prompt("judge", [{"role": "user", "content": "x" * 40}])

    assert pace.tokens_of(endpoint, prompt, None) == 1010
    endpoint.max_output_tokens = 50
    assert pace.tokens_of(endpoint, prompt, None) == 60
    assert pace.tokens_of(endpoint, prompt, {"type": "integer"}) == 64


def test_tokens_are_corrected_by_the_answer(
    paced: Callable[..., Endpoint], server: FakeLlm, asked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    monkeypatch.setattr(pace, "give_back", lambda _endpoint, tokens: given.append(tokens))
    server.script(completion('{"score": 4}'))

    asked("x" * 40, endpoint=paced(tokens_per_minute=600_000))

    reckoned = (40 + len(canonical_json(SCHEMA))) // 4 + 1000
    assert given == [reckoned - 15]


# -- A Redis in trouble ----------------------------------------------------------


@pytest.fixture
def silent_redis() -> Iterator[str]:
    """One that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_silent_redis_costs_little_and_is_left_alone(
    paced: Callable[..., Endpoint], silent_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_asked_again_at", 0.0)
    monkeypatch.setitem(settings.CACHES["default"], "LOCATION", silent_redis)
    endpoint = paced(requests_per_minute=6)

    began = time.monotonic()
    first = waits(endpoint, 1)
    took = time.monotonic() - began

    assert (first, waits(endpoint, 2), took < 1.0) == ([0], [10, 20], True)
    assert pace._asked_again_at > time.monotonic()
    assert EndpointHealth.objects.filter(requests_until__isnull=False).exists()


@pytest.fixture
def fresh_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the site looks for one of its own; none is there yet."""
    monkeypatch.setattr(pace, "_asked_again_at", 0.0)
    with short_directory() as directory:
        path = Path(directory) / "valkey.sock"
        monkeypatch.setitem(settings.CACHES["default"], "LOCATION", f"unix://{path}")
        yield path


@contextmanager
def started(path: Path) -> Iterator[None]:
    """A real Valkey there, which remembers nothing when it has ended."""
    valkey = ValkeyServer(path)
    valkey.start()
    try:
        yield
    finally:
        valkey.stop()


def flush() -> None:
    pace._client().flushall()


def test_redis_is_asked_again_when_it_is_back(
    paced: Callable[..., Endpoint], fresh_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = paced(requests_per_minute=6)
    assert waits(endpoint, 2) == [0, 10]
    monkeypatch.setattr(pace, "_asked_again_at", 0.0)

    with started(fresh_redis):
        assert waits(endpoint, 2) == [20, 30]
        assert pace._client().exists(pace._key(endpoint, "requests"))


def test_turns_are_kept_when_redis_goes(
    paced: Callable[..., Endpoint], fresh_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = paced(requests_per_minute=6, tokens_per_minute=600)
    with started(fresh_redis):
        assert waits(endpoint, 2, tokens=100) == [0, 10]

    assert waits(endpoint, 2, tokens=100) == [20, 30]
    assert EndpointHealth.objects.filter(tokens_until__isnull=False).exists()


def test_turns_are_kept_when_redis_forgets(
    paced: Callable[..., Endpoint], fresh_redis: Path
) -> None:
    endpoint = paced(requests_per_minute=6, tokens_per_minute=1200)
    with started(fresh_redis):
        assert waits(endpoint, 3, tokens=100) == [0, 10, 20]
        flush()

        assert waits(endpoint, 2, tokens=100) == [30, 40]


def test_process_that_knew_more_tells_redis_later(
    paced: Callable[..., Endpoint], fresh_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = paced(requests_per_minute=6)
    with started(fresh_redis):
        assert waits(endpoint, 3) == [0, 10, 20]
        flush()
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(newest, "_known", {})
            assert waits(endpoint, 1) == [0]

        assert waits(endpoint, 1) == [30]


def test_what_others_gave_back_is_not_taken_again(
    paced: Callable[..., Endpoint], fresh_redis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = paced(tokens_per_minute=600)
    with started(fresh_redis):
        waits(endpoint, 1, tokens=500)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(newest, "_known", {})
            pace.give_back(endpoint, 300)

        assert waits(endpoint, 1, tokens=1) == [20]


def test_what_was_given_back_is_not_reserved_when_redis_forgets(
    paced: Callable[..., Endpoint], fresh_redis: Path
) -> None:
    endpoint = paced(tokens_per_minute=600)
    with started(fresh_redis):
        waits(endpoint, 1, tokens=500)
        pace.give_back(endpoint, 300)
        flush()

        assert waits(endpoint, 1, tokens=1) == [20]


# -- All together ------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_kept_in")
def test_workers_together_keep_the_pace(
    paced: Callable[..., Endpoint], server: FakeLlm, asked: Ask
) -> None:
    endpoint, arrivals, lock = paced(requests_per_minute=1200), [], threading.Lock()

    def answer(_request: dict[str, Any]) -> Any:
        with lock:
            arrivals.append(time.monotonic())
        return {"score": 3}

    def ask_one(number: int) -> None:
        asked(f"How good is {number}?", endpoint=endpoint)
        connections.close_all()

    server.answer = answer
    began = time.monotonic()
    with ThreadPoolExecutor(8) as team:
        list(team.map(ask_one, range(40)))

    allowed = [began + max(0.0, number / 20 - pace.BURST) for number in range(40)]
    early = [moment - may for moment, may in zip(sorted(arrivals), allowed, strict=True)]
    assert min(early) >= 0


@pytest.mark.django_db(transaction=True)
def test_job_beyond_its_minute_goes_back_and_loses_no_attempt(
    paced: Callable[..., Endpoint], asked: Ask, claim: Claim
) -> None:
    endpoint = paced(requests_per_minute=1)
    asked("the first", endpoint=endpoint)

    with pytest.raises(HeldBack) as held:
        asked(claim=claim, endpoint=endpoint)
    queue.fail(claim, held.value)

    job = Job.objects.get()
    assert (job.state, job.tries, job.last_error[:5]) == ("ready", 0, "paced")


def test_claims_pass_over_a_lane_whose_minute_is_spent(
    paced: Callable[..., Endpoint], claim: Claim
) -> None:
    endpoint = paced(requests_per_minute=1)
    queue.enqueue_many([Plan("judge", {"n": 2}, {}, "study:alps", lane=endpoint.lane)])
    pace.wait_for_turn(endpoint, 0)
    with pytest.raises(HeldBack):
        pace.wait_for_turn(endpoint, 0)

    assert queue.claim("w2") is None
    Lane.objects.update(closed_until=Now())
    assert claimed().kind == "judge"
