"""What jobs ask of endpoints beside their own lane's: no more at once than its lane lets in."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from bench.fakellm.server import FakeLlm
from llm.actions.endpoints import ensure_endpoint
from llm.embedding import embed
from llm.errors import HeldBack
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask
from work import queue
from work.claims import Claim
from work.models import Lane

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full(endpoint: Endpoint) -> Endpoint:
    """An endpoint that takes one question at once, which is on its way."""
    Lane.objects.filter(pk=endpoint.lane).update(limit=1)
    under_way(endpoint)
    return endpoint


def under_way(endpoint: Endpoint, **fields: Any) -> Call:
    whole = {"purpose": "judge", "scope": "study:alps", "model_asked": "m", **fields}
    return Call.objects.create(endpoint=endpoint, **whole)


def test_guest_waits_while_the_lane_is_full(
    full: Endpoint, asked: Ask, claim: Claim, server: FakeLlm
) -> None:
    with pytest.raises(HeldBack) as held:
        asked(claim=claim)

    assert (held.value.outcome, held.value.counts, server.requests) == ("full", False, [])
    assert 0 < (held.value.after_seconds or 0) < 2
    assert Call.objects.count() == 1


def test_guest_that_finds_no_room_uses_no_turn(full: Endpoint, asked: Ask, claim: Claim) -> None:
    Endpoint.objects.update(requests_per_minute=1)
    paced = Endpoint.objects.get()
    with pytest.raises(HeldBack, match="full"):
        asked(claim=claim, endpoint=paced)
    Call.objects.update(state="ok")

    assert asked(claim=claim, endpoint=paced).value == {"score": 3}


@pytest.mark.parametrize("ended", [{"state": "ok"}, {"started_at": Now() - timedelta(hours=1)}])
def test_guest_goes_where_there_is_room(
    ended: dict[str, Any], full: Endpoint, asked: Ask, claim: Claim
) -> None:
    Call.objects.update(**ended)

    assert asked(claim=claim).value == {"score": 3}


def test_job_of_the_lane_itself_was_counted_by_the_claim(full: Endpoint, asked: Ask) -> None:
    Lane.objects.update(limit=2)
    queue.enqueue(kind="judge", key={}, payload={}, scope="study:alps", lane=full.lane)
    own = queue.claim("w1")
    Lane.objects.update(limit=1)

    assert own is not None
    assert own.lane == full.lane
    assert asked(claim=own).value == {"score": 3}


def test_vectors_wait_for_room_too(endpoint: Endpoint, server: FakeLlm, claim: Claim) -> None:
    vectors = ensure_endpoint(
        name="v", base_url=server.url, model="fake-model", protocol="embeddings"
    )
    Lane.objects.filter(pk=vectors.lane).update(limit=1)
    under_way(vectors)

    with pytest.raises(HeldBack, match="full"):
        embed(endpoint=vectors, texts=["a"], claim=claim, scope="study:alps", subject=None)
