"""Ensemble: policies sampled by weight, the candidates ranked by what the person prefers."""

from collections import Counter
from typing import Any

import pytest

from bench.fakellm.replies import completion
from bench.fakellm.server import FakeLlm
from generation.models import Response
from generation.strategies.ensemble import Policy, draw
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call
from studies.models import Study
from tests.generation.machine import served
from tests.generation.strategies.people import given_to, responses_by, systems

pytestmark = pytest.mark.django_db


def entry(**fields: Any) -> dict[str, Any]:
    policies = [{"endpoint": "bold", "weight": 3}, {"endpoint": "calm", "weight": 1}]
    return {"name": "ensemble", "policies": policies, "samples": 4, **fields}


@pytest.fixture
def policies(server: FakeLlm) -> FakeLlm:
    """Two policies beside the model that ranks."""
    for name in ("bold", "calm"):
        ensure_endpoint(name=name, base_url=server.url, model=name)
    return server


def answers(request: dict[str, Any]) -> Any:
    """The bold are spicy; who ranks likes the calm."""
    if request["model"] != "fake-model":
        return "Spicy soup!" if request["model"] == "bold" else "Toast."
    material = request["messages"][1]["content"]
    names = [f"c{number}" for number in range(1, 5)]
    return {"scores": {name: 90 if f'"{name}": "Toast' in material else 10 for name in names}}


def test_ensemble_keeps_the_best_and_what_it_beat(study: Study, policies: FakeLlm) -> None:
    policies.answer = answers

    found = responses_by(study, entry(), endpoint=served(policies))["anna"]

    candidates = found.provenance["candidates"]
    assert found.text == "Toast."
    assert found.model == found.provenance["model_asked"] == "calm"
    assert [one["endpoint"] for one in candidates if one["chosen"]] == ["calm"]
    assert Counter(one["endpoint"] for one in candidates) == {"bold": 3, "calm": 1}
    assert {(one["endpoint"], one["score"]) for one in candidates} == {("bold", 10), ("calm", 90)}
    assert {one["call"] for one in candidates} | {found.provenance["ranking"]} == set(
        found.provenance["calls"]
    )


def test_ensemble_ranks_by_preferences_alone(study: Study, policies: FakeLlm) -> None:
    found = responses_by(study, entry(), endpoint=served(policies))

    assert given_to(found["anna"]) == ["Anna likes spicy soup"]
    assert found["anna"].provenance["strategy_parameters"]["samples"] == 4
    asked = [text for text in systems(policies.requests) if "compare answers" in text]
    assert len(asked) == 2


def test_samples_differ_by_their_seed_alone(study: Study, policies: FakeLlm) -> None:
    responses_by(study, entry(policies=[{"endpoint": "bold"}]), endpoint=served(policies))

    sampled = [request for request in policies.requests if request["model"] == "bold"]
    assert len({request["seed"] for request in sampled}) == len(sampled) == 8


def test_policy_that_refuses_is_passed_over(study: Study, policies: FakeLlm) -> None:
    study.participants.get(ref="bela").delete()
    policies.script(completion(None, refusal="I won't."))

    found = responses_by(study, entry(), endpoint=served(policies))["anna"]

    assert len(found.provenance["candidates"]) == 3
    assert Call.objects.filter(outcome="refused").count() == 1


def test_ensemble_works_by_rules(study: Study) -> None:
    responses_by(study, entry(policies=[{"endpoint": "baseline"}], samples=2))

    assert Response.objects.count() == 2
    assert set(Call.objects.values_list("purpose", flat=True)) == {"response", "ranking"}


@pytest.mark.parametrize("start", [0.0, 0.3, 0.7, 0.999])
def test_draw_gives_each_policy_its_share(start: float) -> None:
    policies = [Policy(endpoint="a", weight=5), Policy(endpoint="b", weight=3),
                Policy(endpoint="c", weight=2)]  # fmt: skip

    drawn = Counter(policy.endpoint for policy in draw(policies, 10, start))

    assert drawn == {"a": 5, "b": 3, "c": 2}
