"""An answer that is cut short by its token limit is asked for with a larger one, or not at all."""

from typing import Any

import pytest

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm.errors import Unparseable
from llm.exchange import Prompt
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask, claimed_again
from work.claims import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def short(server: FakeLlm) -> FakeLlm:
    """Every answer reaches its limit."""
    server.script(*[Scripted(200, completion('{"score": 3}', finish_reason="length"))] * 9)
    return server


def attempts(asked: Ask, claim: Claim, max_tokens: int | None = None, **fields: Any) -> list[Any]:
    """The limits that were sent, attempt after attempt, until the answer was final."""
    message = [{"role": "user", "content": "How good?"}]
    prompt = Prompt("judge", message, max_tokens=max_tokens, seed=1)
    while True:
        with pytest.raises(Unparseable) as caught:
            asked(claim=claim, prompt=prompt, **fields)
        assert caught.value.outcome == "truncated"
        if caught.value.is_final:
            calls = Call.objects.order_by("attempt", "number")
            return [call.params.get("max_tokens") for call in calls]
        claim = claimed_again()


def with_most(endpoint: Endpoint, most: int | None, **params: Any) -> Endpoint:
    endpoint.max_output_tokens, endpoint.extra_params = most, params
    endpoint.save()
    return endpoint


@pytest.mark.parametrize(
    ("own", "most", "sent"),
    [
        (100, 1_000, [100, 200, 400]),
        (100, 150, [100, 150]),
        (100, None, [100, 200, 400]),
        (100, 100, [100]),
        (None, 100, [100]),
        (None, None, [None, None, None]),
    ],
)
def test_room_grows_up_to_the_endpoints(
    asked: Ask,
    claim: Claim,
    endpoint: Endpoint,
    short: FakeLlm,
    own: int | None,
    most: int | None,
    sent: list[int | None],
) -> None:
    endpoint = with_most(endpoint, most)

    assert attempts(asked, claim, own, endpoint=endpoint) == sent
    assert [body.get("max_tokens") for body in short.requests] == sent


def test_limit_that_is_always_sent_stands(
    asked: Ask, claim: Claim, endpoint: Endpoint, short: FakeLlm
) -> None:
    endpoint = with_most(endpoint, 1_000, max_tokens=50)

    assert attempts(asked, claim, endpoint=endpoint) == [50]


def test_larger_room_is_the_same_question_again(
    asked: Ask, claim: Claim, endpoint: Endpoint, short: FakeLlm
) -> None:
    attempts(asked, claim, 100, endpoint=with_most(endpoint, 200))

    calls = Call.objects.order_by("attempt")
    assert [call.is_repeat for call in calls] == [False, True]
    assert len(set(calls.values_list("request_digest", flat=True))) == 1


def test_answer_that_fits_the_larger_room_is_taken(
    asked: Ask, claim: Claim, endpoint: Endpoint, server: FakeLlm
) -> None:
    server.script(Scripted(200, completion('{"sco', finish_reason="length")))
    prompt = Prompt("judge", [{"role": "user", "content": "How good?"}], max_tokens=10)
    with pytest.raises(Unparseable):
        asked(claim=claim, prompt=prompt)

    assert asked(claim=claimed_again(), prompt=prompt).value == {"score": 3}


def test_what_was_cut_short_before_a_worker_died_is_not_asked_in_vain(
    asked: Ask, claim: Claim, endpoint: Endpoint, short: FakeLlm
) -> None:
    endpoint = with_most(endpoint, 100)
    attempts(asked, claim, endpoint=endpoint)
    Call.objects.update(state=Call.State.UNKNOWN)

    with pytest.raises(Unparseable) as caught:
        asked(
            claim=claimed_again(),
            endpoint=endpoint,
            prompt=Prompt("judge", [{"role": "user", "content": "How good?"}], seed=1),
        )

    assert (caught.value.is_final, len(short.requests)) == (True, 1)
