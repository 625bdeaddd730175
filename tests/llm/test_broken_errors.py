"""Errors whose bodies are cut or too large are still what their status says."""

import pytest
from django.db.models.functions import Now

from llm.actions.health import keep_lane
from llm.errors import CallFailed
from llm.models import Call, Endpoint, EndpointHealth
from llm.transport import LARGEST
from tests.llm.conftest import Ask
from tests.llm.test_client import raw_server
from tests.llm.test_streaming import hear
from work.claims import Claim

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = b"HTTP/1.1 500 Oops\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
CUT = HEAD % 900 + b'{"error": "we are'
HUGE = HEAD % (LARGEST + 9) + b"x" * (LARGEST + 9)
CHUNKED = b"HTTP/1.1 503 Oops\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk\r\n"


REPLIES = pytest.mark.parametrize("reply", [CUT, HUGE, CHUNKED], ids=["cut", "huge", "chunked"])


def failed_with() -> tuple[str, str, int | None]:
    """What the ledger says of the one call."""
    call = Call.objects.get()
    return call.state, call.outcome, call.http_status


@REPLIES
def test_broken_error_is_a_failure_of_the_server(
    endpoint: Endpoint, claim: Claim, reply: bytes
) -> None:
    with raw_server(reply) as (url, _):
        endpoint.base_url = url
        with pytest.raises(CallFailed, match="server"):
            hear(endpoint, claim)

    assert failed_with() == ("error", "server", int(reply[9:12]))


@REPLIES
def test_broken_error_is_the_same_where_nothing_is_streamed(
    endpoint: Endpoint, asked: Ask, reply: bytes
) -> None:
    with raw_server(reply) as (url, _):
        endpoint.base_url = url
        with pytest.raises(CallFailed, match="server"):
            asked(endpoint=endpoint)

    assert failed_with() == ("error", "server", int(reply[9:12]))
    assert len(Call.objects.get().raw_response) <= LARGEST


def test_broken_error_keeps_what_it_asks_for(endpoint: Endpoint, asked: Ask) -> None:
    limited = CUT.replace(b"500 Oops", b"429 Slow down\r\nRetry-After: 7")

    with raw_server(limited) as (url, _):
        endpoint.base_url = url
        with pytest.raises(CallFailed, match="rate_limited") as caught:
            asked(endpoint=endpoint)

    assert (caught.value.after_seconds, caught.value.counts) == (7, False)


def test_broken_error_of_a_probe_opens_the_circuit_again(endpoint: Endpoint, claim: Claim) -> None:
    keep_lane(endpoint)
    EndpointHealth.objects.update(circuit="open", trips=1, open_until=Now())

    with raw_server(CUT) as (url, _):
        endpoint.base_url = url
        with pytest.raises(CallFailed, match="server"):
            hear(endpoint, claim)

    health = EndpointHealth.objects.get()
    assert (health.circuit, health.trips, health.reason) == ("open", 2, "the probe failed: server")
