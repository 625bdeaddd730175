"""A person waits for a reply: held back by what holds jobs back, but never by jobs."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from llm import pace
from llm.actions.budgets import set_budget
from llm.actions.endpoints import ensure_endpoint
from llm.errors import HeldBack
from llm.models import Call, Endpoint, EndpointHealth
from tests.llm.test_streaming import hear
from work.actions.lanes import close_lane, set_limit
from work.claims import Claim
from work.queue import from_now

pytestmark = pytest.mark.django_db(transaction=True)


def held(endpoint: Endpoint, claim: Claim) -> str:
    """For what reason a reply is refused."""
    with pytest.raises(HeldBack) as caught:
        hear(endpoint, claim)
    return caught.value.outcome


def test_open_circuit_is_seen(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    EndpointHealth.objects.update(circuit="open", open_until=from_now(timedelta(seconds=9)))

    assert held(endpoint, claim) == "circuit_open"
    assert (len(server.requests), Call.objects.count()) == (0, 0)


def test_failures_open_the_circuit(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    server.script(*[Scripted(503)] * 5)
    for _ in range(5):
        with pytest.raises(Exception, match="server"):
            hear(endpoint, claim)

    assert held(endpoint, claim) == "circuit_open"


def test_reply_may_be_the_probe(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    EndpointHealth.objects.update(circuit="open", open_until=Now())

    hear(endpoint, claim)

    assert EndpointHealth.objects.get().circuit == "closed"


def test_limit_is_seen(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    server.script(Scripted(429, "", {"Retry-After": "30"}))
    with pytest.raises(Exception, match="rate_limited"):
        hear(endpoint, claim)

    assert held(endpoint, claim) == "rate_limited"
    assert len(server.requests) == 1


def test_full_or_closed_lane_holds_up_nobody(endpoint: Endpoint, claim: Claim) -> None:
    set_limit(lane=endpoint.lane, limit=1)
    close_lane(lane=endpoint.lane, seconds=60, reason="The minute's share is spent.")

    assert hear(endpoint, claim).text


def test_reply_does_not_wait_behind_jobs(server: FakeLlm, claim: Claim) -> None:
    endpoint = ensure_endpoint(name="paced", base_url=server.url, model="m", requests_per_minute=20)
    turn = pace._turn(endpoint, 0, 0.0, 10.0)
    assert [pace._reserved(endpoint, turn)[0] for _ in range(2)] == [True, True]

    assert pace.live_turn(endpoint, 0) < 3.0
    assert hear(endpoint, claim).text


def test_reply_beyond_the_minute_is_refused(server: FakeLlm, claim: Claim) -> None:
    endpoint = ensure_endpoint(name="paced", base_url=server.url, model="m", requests_per_minute=1)
    hear(endpoint, claim)

    assert held(endpoint, claim) == "paced"


def test_spent_budget_is_said_at_once(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    set_budget(scope="study:alps", max_calls=0, max_cost=None, by="Ada")

    assert held(endpoint, claim) == "budget"
    assert server.requests == []
