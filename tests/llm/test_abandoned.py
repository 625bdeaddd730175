"""Open calls that nobody waits for: ended by the sweep, with all they held counted as spent."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from llm import ledger
from llm.actions.budgets import set_budget
from llm.exchange import Prompt
from llm.ledger import Question
from llm.models import Budget, Call, Endpoint
from tests.llm.conftest import recorded
from work import registry
from work.claims import Claim
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

STUDY = "study:alps"
PROMPT = Prompt("judge", [{"role": "user", "content": "How good?"}], max_tokens=100)


@pytest.fixture
def opened(endpoint: Endpoint) -> Any:
    """Open a call of a claim, or of none, a number of seconds ago, with a budget that it holds."""
    Endpoint.objects.update(price_prompt=1_000, price_completion=1_000)
    set_budget(scope=STUDY, max_calls=None, max_cost=Decimal(5), by="ada")

    def open_it(claim: Claim | None, ago: int) -> Call:
        question = Question(Endpoint.objects.get(), PROMPT, claim, STUDY, None, "d")
        call = ledger.open_call(question, {})
        Call.objects.update(started_at=Now() - timedelta(seconds=ago))
        return call

    return open_it


def swept() -> tuple[list[tuple[str, str]], bool]:
    """What is recorded after a sweep, and whether all that was held counts as spent."""
    held = Budget.objects.get(scope=STUDY).reserved
    ledger.lose_abandoned(timezone.now())
    budget = Budget.objects.get(scope=STUDY)
    return recorded(), held > 0 and [budget.reserved, budget.spent] == [Decimal(0), held]


LOST, OPEN = ([("unknown", "unknown")], True), ([("sent", "")], False)


@pytest.mark.parametrize("state", ["ready", "held", "done", "dead", "cancelled"])
def test_call_whose_job_nobody_holds_is_lost(state: str, opened: Any, claim: Claim) -> None:
    opened(claim, ago=100)
    Job.objects.update(state=state, lease_until=None)

    assert swept() == LOST


def test_call_of_an_earlier_attempt_is_lost(opened: Any, claim: Claim) -> None:
    opened(claim, ago=100)
    Job.objects.update(attempt=2)

    assert swept() == LOST


def test_call_of_a_deleted_job_is_lost(opened: Any, claim: Claim) -> None:
    opened(claim, ago=100)
    Job.objects.all().delete()

    assert swept() == LOST


def test_call_without_a_job_is_lost_once_its_time_is_over(opened: Any) -> None:
    opened(None, ago=80)
    assert swept() == OPEN

    Call.objects.update(started_at=Now() - timedelta(seconds=100))

    assert swept() == LOST


def test_call_that_its_job_waits_for_is_left_alone(opened: Any, claim: Claim) -> None:
    opened(claim, ago=100_000)

    assert swept() == OPEN


def test_young_call_of_a_cancelled_job_is_left_to_its_worker(opened: Any, claim: Claim) -> None:
    opened(claim, ago=80)
    Job.objects.update(state="cancelled", lease_until=None)

    assert swept() == OPEN


def test_sweep_is_registered() -> None:
    assert "lose_calls" in {periodic.name for periodic in registry.periodics()}
