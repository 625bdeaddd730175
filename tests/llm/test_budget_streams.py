"""What a streamed answer leaves in a budget, by how it ended."""

from decimal import Decimal
from typing import Any

import pytest

from llm import budgets, ledger
from llm.actions.budgets import set_budget
from llm.envelope import Envelope
from llm.exchange import Prompt, Reply
from llm.ledger import Question
from llm.models import Budget, Call, Endpoint
from tests.llm.conftest import claimed_again
from work.claims import Claim
from work.errors import LateClaim

BOUND = Decimal("0.376")
"""Four bytes, what may stand around them, and a hundred tokens, at 0.001 each."""
OK, ERROR = Call.State.OK, Call.State.ERROR

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def question(endpoint: Endpoint) -> Question:
    endpoint.price_prompt = endpoint.price_completion = Decimal(1000)
    endpoint.save()
    set_budget(scope="study:alps", max_calls=None, max_cost=Decimal(1), by="ada")
    prompt = Prompt("converse", [{"role": "user", "content": "Hey!"}], max_tokens=100)
    return Question(endpoint, prompt, None, "study:alps", None, "")


def said(text: str = "", sent: int | None = None, received: int | None = None) -> Envelope:
    return Envelope(text, "stop", "", "fake-model", sent, received)


def taken() -> tuple[Any, ...]:
    row = Budget.objects.get()
    return row.calls, row.reserved, row.spent


@pytest.mark.parametrize(
    ("envelope", "status", "state", "outcome", "left"),
    [
        (said("Hello.", 10, 5), 200, OK, "ok", (1, 0, Decimal("0.015"))),
        (said("Hello."), 200, OK, "ok", (1, 0, BOUND)),
        (said("Hel"), 200, OK, "stopped", (1, 0, BOUND)),
        (said("Hel"), 200, ERROR, "cut", (1, 0, BOUND)),
        (said(), 0, ERROR, "timeout", (1, 0, BOUND)),
        (said(), 0, ERROR, "net_connect", (0, 0, 0)),
        (said(), 0, ERROR, "address_refused", (0, 0, 0)),
        (said(), 0, ERROR, "auth", (0, 0, 0)),
        (said(), 401, ERROR, "auth", (1, 0, 0)),
        (said(), 429, ERROR, "rate_limited", (1, 0, 0)),
        (said(), 503, ERROR, "server", (1, 0, 0)),
    ],
)
def test_stream_settles(
    envelope: Envelope,
    status: int,
    state: Call.State,
    outcome: str,
    left: tuple[Any, ...],
    question: Question,
) -> None:
    call = ledger.open_call(question, {})
    assert taken() == (1, BOUND, 0)

    ledger.close_stream(
        question, call, envelope, Reply(status, ""), state=state, outcome=outcome, latency_ms=1
    )

    assert taken() == left
    assert budgets.faults() == []


def test_stream_that_ends_late_changes_nothing(question: Question, claim: Claim) -> None:
    held = Question(question.endpoint, question.prompt, claim, question.scope, question.subject, "")
    call = ledger.open_call(held, {})
    claimed_again()

    with pytest.raises(LateClaim):
        ledger.close_stream(
            held, call, said("x", 1, 1), Reply(200, ""), state=OK, outcome="ok", latency_ms=1
        )

    assert taken() == (1, 0, BOUND)
    assert budgets.faults() == []
