"""What a run is expected to take that asks several endpoints: each at its own price and budget."""

from decimal import Decimal
from typing import Any

import pytest

from bench.fakellm.server import FakeLlm
from generation.actions.prompts import add_prompt
from generation.actions.runs import plan_run
from generation.budgeting import budgets_for
from generation.management.prices import price_lines
from generation.watching import estimate_now
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.models import Budget, Call, Endpoint
from studies.models import Study
from tests.generation.machine import served, work_off
from tests.generation.strategies.people import ask_for, make_people, one_of
from tests.samples import make_attribute, make_conversation
from work.actions.runs import start
from work.models import Run

pytestmark = pytest.mark.django_db

ENSEMBLE = {
    "name": "ensemble",
    "policies": [{"endpoint": "dear", "weight": 3}, {"endpoint": "cheap"}],
    "samples": 4,
}
RETRIEVED = {"name": "retrieved", "embeddings": "vectors"}


@pytest.fixture
def study() -> Study:
    """Anna and Bela, who have two requests each."""
    study = make_people()
    for name in ("anna", "bela"):
        add_prompt(study=study, text=f"And then, {name}?", participant=one_of(study, name))
    return study


def paid(server: FakeLlm, name: str, price: int | None, **fields: Any) -> Endpoint:
    prices = {"price_prompt": price, "price_completion": price}
    return ensure_endpoint(name=name, base_url=server.url, model=name, **prices, **fields)


@pytest.fixture
def endpoints(server: FakeLlm) -> dict[str, Endpoint]:
    """By their names: two policies, vectors, and the one that answers, which costs nothing."""
    vectors = paid(server, "vectors", 1, protocol=Endpoint.Protocol.EMBEDDINGS)
    dear = paid(server, "dear", 1_000, max_output_tokens=100)
    cheap = paid(server, "cheap", 10, max_output_tokens=100)
    own = served(server, price_prompt=0, price_completion=0, max_output_tokens=100)
    return {"dear": dear, "cheap": cheap, "vectors": vectors, "fake": own}


def planned(study: Study, own: Endpoint, *entries: Any) -> Run:
    ask_for(study, *entries)
    return plan_run(study=study, stage="response", endpoint=own, by="test", starts=False)


def calls_of(run: Run) -> dict[str, int]:
    return {part["endpoint"]: part["calls"]["expected"] for part in run.estimate["endpoints"]}


def asked(run: Run) -> dict[str, int]:
    """How often each endpoint was asked in the end."""
    start(run=run)
    work_off()
    sent = Call.objects.filter(reuses__isnull=True).order_by()
    names = list(sent.values_list("endpoint__name", flat=True))
    return {name: names.count(name) for name in names}


def test_policies_are_priced_at_their_own_endpoints(
    study: Study, endpoints: dict[str, Endpoint]
) -> None:
    estimate = planned(study, endpoints["fake"], ENSEMBLE).estimate

    parts = {part["endpoint"]: part for part in estimate["endpoints"]}
    sent = {name: part["prompt_tokens"]["expected"] for name, part in parts.items()}
    costs = [
        endpoints[name].cost_of(sent[name], 100 * part["calls"]["expected"])
        for name, part in parts.items()
    ]
    assert [parts[name]["calls"]["expected"] for name in ("dear", "cheap")] == [12, 4]
    assert Decimal(estimate["cost"]["expected"]) == sum(cost or 0 for cost in costs) > 1


@pytest.mark.parametrize(
    "entry", [ENSEMBLE, {"name": "retrieved:hybrid", "embeddings": "vectors"}, "contrastive"]
)
def test_as_many_calls_are_foreseen_as_are_made(
    study: Study, endpoints: dict[str, Endpoint], entry: Any
) -> None:
    run = planned(study, endpoints["fake"], entry)

    assert calls_of(run) == asked(run)


def test_vectors_that_arms_share_are_foreseen_once(
    study: Study, endpoints: dict[str, Endpoint]
) -> None:
    run = planned(study, endpoints["fake"], RETRIEVED)

    foreseen = calls_of(run)["vectors"]
    assert foreseen == asked(run)["vectors"] == 6  # each person's notes, and each request


def test_merging_by_vectors_is_foreseen(study: Study, endpoints: dict[str, Endpoint]) -> None:
    for number, text in enumerate(("I love green tea", "I really love green tea!")):
        conversation = make_conversation(one_of(study), text, ref=f"c{number}")
        make_attribute(conversation, text, text, ref=f"a{number}", author="llm:m")
    merge = {"merge": {"by": "embeddings", "endpoint": "vectors"}}
    study.document = {**study.document, "extraction": merge}

    run = plan_run(
        study=study, stage="merge", endpoint=baseline_endpoint(), by="test", starts=False
    )

    assert calls_of(run)["vectors"] == run.jobs.count() > 0
    assert Decimal(run.estimate["cost"]["expected"]) > 0


@pytest.mark.parametrize(
    ("short", "verdicts"),
    [
        ("dear", {"dear": "no", "cheap": "yes", "fake": "yes", "study": "yes"}),
        ("cheap", {"dear": "yes", "cheap": "no", "fake": "yes", "study": "yes"}),
        ("study", {"dear": "yes", "cheap": "yes", "fake": "yes", "study": "no"}),
    ],
)
def test_budgets_are_compared_with_what_is_asked_of_each(
    study: Study, endpoints: dict[str, Endpoint], short: str, verdicts: dict[str, str]
) -> None:
    scopes = {"study": study.scope}
    scopes |= {name: f"endpoint:{endpoints[name].pk}" for name in ("dear", "cheap", "fake")}
    room = {"dear": 12, "cheap": 4, "fake": 4, "study": 20}
    for name, scope in scopes.items():
        Budget.objects.create(scope=scope, max_calls=room[name] - (name == short))

    lines = budgets_for(planned(study, endpoints["fake"], ENSEMBLE))["budgets"]

    found = {line["scope"]: line["suffices"] for line in lines}
    assert {name: found[scope] for name, scope in scopes.items()} == verdicts


def test_paid_policies_of_rules_spend_from_budgets(
    study: Study, endpoints: dict[str, Endpoint]
) -> None:
    Budget.objects.create(scope=study.scope, max_cost=Decimal("0.01"))

    found = budgets_for(planned(study, baseline_endpoint(), ENSEMBLE))

    assert [line["suffices"] for line in found["budgets"]] == ["no"]


def test_one_price_that_is_not_known_leaves_the_whole_unknown(
    study: Study, endpoints: dict[str, Endpoint]
) -> None:
    Endpoint.objects.filter(name="cheap").update(price_prompt=None)
    Budget.objects.create(scope=study.scope, max_cost=1)

    estimate = estimate_now(planned(study, endpoints["fake"], ENSEMBLE))

    parts = {part["endpoint"]: part["cost"] for part in estimate["endpoints"]}
    assert (estimate["cost"], parts["cheap"]) == (None, None)
    assert [line["suffices"] for line in estimate["budgets"]] == ["unbounded"]


def test_time_is_that_of_the_slowest_endpoint(study: Study, endpoints: dict[str, Endpoint]) -> None:
    Endpoint.objects.filter(name="dear").update(requests_per_minute=6)

    estimate = planned(study, endpoints["fake"], ENSEMBLE).estimate

    assert (estimate["limited_by"], estimate["limited_at"]) == ("requests", "dear")
    assert estimate["seconds"]["expected"] == 120.0  # twelve questions


def test_price_lines_name_each_endpoint(study: Study, endpoints: dict[str, Endpoint]) -> None:
    Budget.objects.create(scope=f"endpoint:{endpoints['dear'].pk}", max_calls=1)

    lines = list(price_lines(estimate_now(planned(study, endpoints["fake"], ENSEMBLE))))

    assert "  fake: 4 calls, cost: nothing" in lines
    assert f"budget endpoint:{endpoints['dear'].pk} (dear): 1 calls left; does NOT suffice" in lines
