"""The very same question is paid for once within a study."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db.models.functions import Now

from bench.fakellm.replies import completion
from bench.fakellm.server import FakeLlm
from llm import ledger
from llm.errors import Refused
from llm.exchange import Prompt
from llm.gateway import reject
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask, claimed, claimed_again
from work import queue
from work.claims import Claim

pytestmark = pytest.mark.django_db
ADA, BEN = UUID(int=1), UUID(int=2)


def prompt(**shape: float | None) -> Prompt:
    """A question whose answer is shaped like this."""
    return Prompt("judge", [{"role": "user", "content": "How good?"}], **shape)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [{"temperature": 0}, {"temperature": 1.0, "seed": 7}])
def test_same_question_is_answered_from_the_ledger(
    asked: Ask, server: FakeLlm, shape: dict[str, float]
) -> None:
    first = asked(prompt=prompt(**shape))

    second = asked(prompt=prompt(**shape))

    call = Call.objects.get(pk=second.call_id)
    assert (second.value, second.model, second.cost) == (first.value, first.model, Decimal(0))
    assert (call.reuses_id, call.state, call.outcome) == (first.call_id, "ok", "ok")
    assert (call.flags, call.raw_response, call.http_status) == (["reused"], "", None)
    assert len(server.requests) == 1


@pytest.mark.parametrize("shape", [{}, {"temperature": 0.2}])
def test_question_that_may_vary_is_asked_again(
    asked: Ask, server: FakeLlm, shape: dict[str, float]
) -> None:
    asked(prompt=prompt(**shape))
    asked(prompt=prompt(**shape))

    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "other", [{"subject": BEN}, {"subject": None}, {"scope": "study:sea"}, {"schema": None}]
)
def test_nobody_elses_answer_is_used(asked: Ask, server: FakeLlm, other: dict[str, object]) -> None:
    asked(subject=ADA)
    asked(**({"subject": ADA} | other))

    assert len(server.requests) == 2


@pytest.mark.parametrize("protocol", ["chat", "responses"])
def test_answer_never_stands_for_another_identity(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, protocol: str
) -> None:
    endpoint.protocol, endpoint.extra_params = protocol, {"seed": 7, "temperature": 0}
    same = Prompt("judge", [{"role": "user", "content": "How good?"}], seed=1)

    for identity in ("kim 0", "kim 1", "lee 0", "kim 0"):
        asked(prompt=replace(same, identity=identity))

    assert len(server.requests) == 3
    assert server.requests[0] == server.requests[1] == server.requests[2]


def test_old_answer_is_not_used(asked: Ask, server: FakeLlm) -> None:
    asked()
    Call.objects.update(started_at=Now() - timedelta(days=31))

    asked()

    assert len(server.requests) == 2


def test_endpoint_may_refuse_reuse(asked: Ask, server: FakeLlm, endpoint: Endpoint) -> None:
    endpoint.reuse_days = 0

    asked()
    asked()

    assert len(server.requests) == 2


def test_own_answers_of_a_job_are_no_reuse(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    asked(claim=claim)
    asked(claim=claim)

    assert len(server.requests) == 2


def test_another_job_is_served_and_again_after_its_worker_vanished(
    asked: Ask, server: FakeLlm, claim: Claim
) -> None:
    first = asked(claim=claim)
    with queue.finishing(claim):
        pass
    queue.enqueue(kind="judge", key={"n": 2}, payload={}, scope="study:alps")

    asked(claim=claimed())
    again = asked(claim=claimed_again())

    assert (again.value, len(server.requests)) == (first.value, 1)
    assert Call.objects.filter(reuses=first.call_id, state="ok").count() == 2


def test_rejecting_a_reused_answer_rejects_the_first(asked: Ask, server: FakeLlm) -> None:
    asked()
    reject(asked().call_id)

    asked()

    states = list(Call.objects.order_by("started_at").values_list("state", flat=True))
    assert (len(server.requests), states) == (2, ["error", "error", "ok"])


def test_refusal_is_an_observation_that_holds_too(asked: Ask, server: FakeLlm) -> None:
    server.script(completion(None, refusal="I would rather not."))

    for _ in range(2):
        with pytest.raises(Refused):
            asked()

    assert len(server.requests) == 1


def test_answer_that_cannot_be_read_any_more_is_asked_for_again(
    asked: Ask, server: FakeLlm
) -> None:
    asked()
    Call.objects.update(raw_response="{}")

    assert (asked().value, len(server.requests)) == ({"score": 3}, 2)


@pytest.mark.parametrize("erase", [ledger.forget_subject, ledger.erase_subject])
def test_answer_about_somebody_forgotten_serves_nobody(
    asked: Ask, server: FakeLlm, erase: type
) -> None:
    asked(subject=ADA)
    asked(subject=ADA)
    erase(ADA)

    asked(subject=ADA)

    assert len(server.requests) == 2
