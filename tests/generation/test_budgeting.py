"""A planned run is compared with the budgets as they are when somebody looks; its price stays."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F

from collection.models import Conversation
from generation.actions.runs import plan_run
from generation.watching import estimate_now, watch, watch_document
from llm.actions.budgets import set_budget
from llm.models import Budget, Endpoint
from studies.models import Study
from tests.samples import make_conversation, make_participant
from work.actions.runs import start
from work.models import Job, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    """A model over HTTP that nobody reaches."""
    prices = {"price_prompt": Decimal(2), "price_completion": Decimal(8)}
    return Endpoint.objects.create(
        name="large", base_url="http://127.0.0.1:9/v1", model="m", max_output_tokens=100, **prices
    )


@pytest.fixture
def run(study: Study, endpoint: Endpoint) -> Run:
    """Four questions about one person, planned while nothing was limited."""
    person = make_participant(study)
    for number in range(4):
        make_conversation(person, "I am vegan.", ref=f"c{number}")
    return plan_run(study=study, stage="extraction", endpoint=endpoint, by="test", starts=False)


def verdicts(run: Run) -> list[str]:
    return [line["suffices"] for line in watch(run).estimate["budgets"]]


def limit(run: Run, **limits: Any) -> Budget:
    return set_budget(scope=run.scope, by="ada", **({"max_calls": None, "max_cost": None} | limits))


def test_budgets_are_those_of_now(run: Run) -> None:
    seen = [verdicts(run)]
    for calls in (3, 4):
        limit(run, max_calls=calls)
        seen.append(verdicts(run))
    Budget.objects.update(calls=F("calls") + 1)

    assert [*seen, verdicts(run)] == [[], ["no"], ["yes"], ["no"]]


def test_budgets_of_people_are_those_of_now(run: Run) -> None:
    before = estimate_now(run)["people_short"]
    Budget.objects.create(scope=f"{run.scope}:each", max_calls=3)

    assert (before, estimate_now(run)["people_short"]) == (0, 1)


def test_price_stays_as_it_was_planned(run: Run, endpoint: Endpoint) -> None:
    before = watch_document(watch(run))["estimate"]
    Endpoint.objects.update(price_prompt=2_000, price_completion=8_000)

    assert watch_document(watch(run))["estimate"] == before


def test_only_what_is_left_is_compared(run: Run) -> None:
    limit(run, max_calls=2)
    start(run=run)
    ids = list(run.jobs.values_list("pk", flat=True))
    seen = [verdicts(run)]
    for count in (2, 4):
        Job.objects.filter(pk__in=ids[:count]).update(state=Job.State.DONE)
        seen.append(verdicts(run))

    assert seen == [["no"], ["yes"], []]


def test_price_that_was_set_since_lets_a_budget_in_money_be_compared(
    study: Study, conversation: Conversation, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(price_prompt=None, price_completion=None)
    endpoint.refresh_from_db()
    run = plan_run(study=study, stage="extraction", endpoint=endpoint, by="test", starts=False)
    limit(run, max_cost=Decimal(1))
    before = verdicts(run)
    Endpoint.objects.update(price_prompt=1, price_completion=1)

    assert (before, verdicts(run), watch(run).estimate["cost"]) == (["unbounded"], ["yes"], None)


def test_command_says_what_the_budgets_hold_now(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    limit(run, max_calls=1)

    call_command("generate", "--study", "alps", "--stage", "extraction", "--endpoint", "large",
                 "--plan-only")  # fmt: skip

    assert "budget study:alps: 1 calls left; does NOT suffice" in capsys.readouterr().out
