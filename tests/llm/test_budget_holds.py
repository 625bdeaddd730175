"""Who is held for want of a budget goes again once there is room, whatever happened meanwhile."""

import pytest

from llm import ledger
from llm.actions.budgets import set_budget
from llm.exchange import Prompt
from llm.ledger import Question
from llm.models import Call, Endpoint
from work import queue
from work.claims import Claim
from work.errors import Hold, RetryLater
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

STUDY = "study:alps"


def claimed(number: int, lane: str = "") -> Claim:
    queue.enqueue(kind="echo", key={"n": number}, payload={}, scope=STUDY, lane=lane)
    claim = queue.claim("w")
    assert claim is not None
    return claim


def opened(endpoint: Endpoint, claim: Claim) -> Call:
    prompt = Prompt("echo", [{"role": "user", "content": "x"}])
    return ledger.open_call(Question(endpoint, prompt, claim, STUDY, None, "d"), {})


def allow(calls: int, scope: str = STUDY) -> None:
    set_budget(scope=scope, max_calls=calls, max_cost=None, by="ada")


def state_of(claim: Claim) -> str:
    return Job.objects.get(pk=claim.job_id).state


def test_budget_that_is_raised_before_the_job_is_held_lets_it_go(endpoint: Endpoint) -> None:
    allow(0)
    claim = claimed(1)
    with pytest.raises(Hold) as spent:
        opened(endpoint, claim)

    allow(10)

    assert queue.fail(claim, spent.value) == "ready"


def test_budget_that_stays_spent_holds_the_job(endpoint: Endpoint) -> None:
    allow(0)
    claim = claimed(1)
    with pytest.raises(Hold) as spent:
        opened(endpoint, claim)

    assert queue.fail(claim, spent.value) == "held"


def test_last_call_of_a_budget_may_come_back(endpoint: Endpoint) -> None:
    allow(1)
    first, second = claimed(1), claimed(2)
    call = opened(endpoint, first)
    with pytest.raises(RetryLater):
        opened(endpoint, second)

    ledger.break_off(call, "net_connect")

    assert opened(endpoint, second).number == 1


def test_raising_an_endpoints_budget_lets_jobs_of_other_lanes_go(endpoint: Endpoint) -> None:
    vectors = Endpoint.objects.create(name="vectors", base_url=endpoint.base_url, model="v-1")
    allow(0, f"endpoint:{vectors.pk}")
    claim = claimed(1, endpoint.lane)
    with pytest.raises(Hold) as spent:
        opened(vectors, claim)
    queue.fail(claim, spent.value)

    allow(5, f"endpoint:{vectors.pk}")

    assert state_of(claim) == "ready"
