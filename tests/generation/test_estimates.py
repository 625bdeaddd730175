"""What a run is expected to take, worked out from its own rendered questions."""

from decimal import Decimal
from typing import Any

import pytest

from collection.models import Conversation
from generation import estimates
from generation.actions.runs import plan_run
from generation.estimates import estimate_of
from generation.extraction import prompt_for, schema
from generation.watching import estimate_now
from llm.actions.endpoints import baseline_endpoint
from llm.models import Budget, Call, Endpoint
from studies.models import Study
from tests.samples import make_conversation, make_participant
from work.actions.runs import start
from work.keys import canonical_json
from work.models import Job, Lane, Run

pytestmark = pytest.mark.django_db

PRICES = {"price_prompt": Decimal(2), "price_completion": Decimal(8)}


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    """A model over HTTP that nobody reaches."""
    return Endpoint.objects.create(name="large", base_url="http://127.0.0.1:9/v1", model="m-1")


def asked(endpoint: Endpoint, count: int, **fields: Any) -> None:
    """So many calls on the ledger."""
    whole = {"state": "ok", "completion_tokens": 100, "latency_ms": 2000, **fields}
    Call.objects.bulk_create(
        Call(endpoint=endpoint, purpose="extraction", scope="s", model_asked="m-1", **whole)
        for _ in range(count)
    )


def estimate(study: Study, endpoint: Endpoint) -> dict[str, Any]:
    return estimate_now(planned(study, endpoint))


def planned(study: Study, endpoint: Endpoint, *, starts: bool = False) -> Run:
    return plan_run(study=study, stage="extraction", endpoint=endpoint, by="test", starts=starts)


def between(low: int, expected: int, high: int) -> dict[str, int]:
    return {"low": low, "expected": expected, "high": high}


def test_prompts_are_counted_as_they_will_be_asked(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    found = estimate(conversation.study, endpoint)

    messages = prompt_for(conversation.turns_at()).messages
    sent = [message["content"] for message in messages] + [canonical_json(schema())]
    tokens = round(sum(len(text) for text in sent) / 4)
    assert (found["jobs"], found["sampled"]) == (1, 1)
    assert found["calls"] == between(1, 1, 1)
    assert found["prompt_tokens"] == between(tokens, tokens, tokens)


def test_length_of_answers_is_assumed_where_nothing_is_known(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    found = estimate(conversation.study, endpoint)

    assert found["answers_known_from"] == "assumption"
    assert found["completion_tokens"] == between(167, 500, 1500)
    assert (found["cost"], found["seconds"]) == (None, None)


def test_length_of_answers_is_the_endpoints_limit(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(max_output_tokens=300)
    endpoint.refresh_from_db()

    found = estimate(conversation.study, endpoint)

    assert found["answers_known_from"] == "limit"
    assert found["completion_tokens"] == between(0, 300, 300)


def test_length_of_answers_is_known_from_the_ledger(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    asked(endpoint, 10)
    asked(endpoint, 10, completion_tokens=300)

    found = estimate(conversation.study, endpoint)

    assert found["answers_known_from"] == "ledger"
    assert found["completion_tokens"] == between(156, 200, 244)  # 200 ± 1.96 · 100 / √20


def test_few_calls_are_not_believed(conversation: Conversation, endpoint: Endpoint) -> None:
    asked(endpoint, 19)

    assert estimate(conversation.study, endpoint)["answers_known_from"] == "assumption"


def test_cost_follows_from_tokens_and_prices(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(**PRICES)
    endpoint.refresh_from_db()

    found = estimate(conversation.study, endpoint)

    costs = {
        name: endpoint.cost_of(sent, found["completion_tokens"][name])
        for name, sent in found["prompt_tokens"].items()
    }
    assert found["cost"] == {name: str(cost) for name, cost in costs.items()}


def test_repeats_of_the_ledger_raise_the_most(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    asked(endpoint, 20)
    asked(endpoint, 20, is_repeat=True)

    found = estimate(conversation.study, endpoint)

    assert (found["repeats"], found["calls"]) == (0.5, between(1, 1, 2))


@pytest.mark.parametrize(
    ("fields", "seconds", "limit"),
    [
        ({}, 1.0, "concurrency"),  # two seconds each, two at once
        ({"requests_per_minute": 2}, 30.0, "requests"),
        ({"tokens_per_minute": 100}, None, "tokens"),
    ],
)
def test_time_is_that_of_the_narrowest_limit(
    conversation: Conversation,
    endpoint: Endpoint,
    fields: dict[str, int],
    seconds: float | None,
    limit: str,
) -> None:
    asked(endpoint, 20)
    Lane.objects.create(name=endpoint.lane, limit=2)
    Endpoint.objects.update(**fields)
    endpoint.refresh_from_db()

    found = estimate(conversation.study, endpoint)

    sent = found["prompt_tokens"]["expected"] + found["completion_tokens"]["expected"]
    assert found["limited_by"] == limit
    assert found["seconds"]["expected"] == pytest.approx(seconds or sent * 0.6, rel=0.01)


def test_rules_cost_nothing(conversation: Conversation) -> None:
    found = estimate(conversation.study, baseline_endpoint())

    assert found["calls"] == between(1, 1, 1)
    assert found["cost"] == {"low": "0", "expected": "0", "high": "0"}
    assert found["answers_known_from"] == "rules"


def test_a_sample_gives_an_interval(
    study: Study, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "SAMPLE", 3)
    person = make_participant(study)
    for number in range(6):
        make_conversation(person, "I am vegan. " * (number + 1), ref=f"c{number}")

    first, again = (estimate(study, endpoint) for _ in range(2))

    sent = first["prompt_tokens"]
    assert (first["jobs"], first["sampled"]) == (6, 3)
    assert sent["low"] < sent["expected"] < sent["high"]
    assert first == again


def test_what_is_gone_is_not_asked(conversation: Conversation, endpoint: Endpoint) -> None:
    estimate(conversation.study, endpoint)
    conversation.delete()

    assert estimate_of(Run.objects.get())["calls"] == between(0, 0, 0)


# -- Budgets -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "answer"),
    [
        ({"max_calls": 2}, "yes"),
        ({"max_calls": 1}, "perhaps"),
        ({"max_calls": 1, "calls": 1}, "no"),
        ({"max_cost": 1}, "yes"),
        ({"max_cost": Decimal("0.0000001")}, "no"),
        ({"max_cost": "what is expected"}, "perhaps"),
        ({"max_cost": 1, "spent": 1}, "no"),
        ({}, "yes"),
    ],
)
@pytest.mark.parametrize("whose", ["study", "endpoint"])
def test_budgets_are_compared(
    conversation: Conversation,
    endpoint: Endpoint,
    budget: dict[str, Any],
    answer: str,
    whose: str,
) -> None:
    asked(endpoint, 20, is_repeat=True)
    Endpoint.objects.update(**PRICES, max_output_tokens=500)
    endpoint.refresh_from_db()
    scope = {"study": conversation.study.scope, "endpoint": f"endpoint:{endpoint.pk}"}[whose]
    expected = Decimal(estimate(conversation.study, endpoint)["cost"]["expected"])
    if "max_cost" in budget and answer == "perhaps":
        budget = {"max_cost": expected}
    Budget.objects.create(scope=scope, **budget)

    (line,) = estimate(conversation.study, endpoint)["budgets"]

    assert (line["scope"], line["suffices"]) == (scope, answer)


def test_budget_in_money_needs_prices_and_a_limit(
    conversation: Conversation, endpoint: Endpoint
) -> None:
    Budget.objects.create(scope=conversation.study.scope, max_cost=1)

    (line,) = estimate(conversation.study, endpoint)["budgets"]

    assert line["suffices"] == "unbounded"


def test_people_whose_budget_is_too_small_are_counted(study: Study, endpoint: Endpoint) -> None:
    people = [make_participant(study, f"p{number}") for number in range(3)]
    for number in range(6):  # two of each
        make_conversation(people[number % 3], "I am vegan.", ref=f"c{number}")
    Budget.objects.create(scope=f"participant:{people[0].pk}", max_calls=1)
    Budget.objects.create(scope=f"participant:{people[1].pk}", max_calls=2)

    assert estimate(study, endpoint)["people_short"] == 1

    Budget.objects.create(scope=f"{study.scope}:each", max_calls=1)
    assert estimate(study, endpoint)["people_short"] == 2


# -- Planned runs --------------------------------------------------------------


def test_planned_jobs_wait_until_the_run_is_started(conversation: Conversation) -> None:
    run = planned(conversation.study, baseline_endpoint())
    assert Job.objects.get().state == "held"

    start(run=run)

    assert Job.objects.get().state == "ready"


def test_a_run_that_starts_takes_over_what_was_only_planned(conversation: Conversation) -> None:
    planned(conversation.study, baseline_endpoint())

    run = planned(conversation.study, baseline_endpoint(), starts=True)

    assert list(Run.objects.values_list("pk", "state")) == [(run.pk, "running")]
    assert (Job.objects.get().run, Job.objects.get().state) == (run, "ready")
