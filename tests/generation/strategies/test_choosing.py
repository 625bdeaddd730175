"""What a study document may say about strategies, and what it then means."""

from typing import Any

import pytest

from generation.document import strategy_faults
from generation.strategies.choosing import strategies_of, strategy_called
from generation.strategies.registry import STRATEGIES
from studies.models import Study

POLICIES = [{"endpoint": "bold", "weight": 2}]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("history", None),
        ("retrieved", None),
        ({"name": "history", "tokens": 500}, None),
        ({"name": "retrieved", "k": 3, "embeddings": "vectors"}, None),
        ({"name": "served_adapter", "model": "lora-{participant}", "arm": "each"}, None),
        ({"name": "ensemble", "policies": POLICIES}, None),
        ("served_adapter", (0,)),
        ({"name": "served_adapter", "model": "lora-{name}"}, (0, "model")),
        ({"name": "magic"}, (0, "name")),
        ({"tokens": 5}, (0,)),
        ({"name": ["generic"]}, (0, "name")),
        ({"name": "history", "tokens": 0}, (0, "tokens")),
        ({"name": "history", "token": 5}, (0, "token")),
        ({"name": "generic", "arm": "A b"}, (0, "arm")),
        ({"name": "ensemble", "policies": []}, (0, "policies")),
        ({"name": "ensemble", "policies": [{"weight": 1}]}, (0, "policies", 0, "endpoint")),
        ({"name": "ensemble", "policies": [{"endpoint": "a", "weight": 0}]},
         (0, "policies", 0, "weight")),
    ],
)  # fmt: skip
def test_strategy_faults_name_the_parameter(entry: Any, path: tuple[Any, ...] | None) -> None:
    assert [found for found, _ in strategy_faults([entry], {})] == ([path] if path else [])


def test_strategy_faults_tell_what_is_missing() -> None:
    assert strategy_faults(["served_adapter"], {}) == [((0,), "“model” is missing.")]


def test_same_strategy_set_twice_needs_arms() -> None:
    short, long = ({"name": "history", "tokens": tokens} for tokens in (500, 2_000))

    assert strategy_faults([short, long], {}) == [
        ((1,), "“history” stands here with other parameters; tell them apart by an `arm`.")
    ]
    assert strategy_faults([short, {**long, "arm": "long"}], {}) == []


def test_family_may_hold_what_stands_beside_it() -> None:
    assert strategy_faults(["retrieved", "retrieved:bm25"], {}) == []


@pytest.mark.django_db
def test_strategies_of_a_study_carry_parameters_and_arms(study: Study) -> None:
    study.document["strategies"] = [
        "generic", {"name": "history", "tokens": 9, "arm": "short"}, {"name": "retrieved", "k": 2},
    ]  # fmt: skip

    found = {one.name: one.parameters.model_dump() for one in strategies_of(study)}

    searching = {"k": 2, "embeddings": ""}
    assert found == {
        "generic": {},
        "history:short": {"tokens": 9},
        "retrieved:bm25": searching,
        "retrieved:embeddings": searching,
        "retrieved:hybrid": searching,
    }


@pytest.mark.django_db
def test_study_without_strategies_asks_for_few(study: Study) -> None:
    assert [one.name for one in strategies_of(study)] == [
        "generic",
        "relevant_attributes:owner",
        "relevant_attributes:peers",
        "relevant_attributes:llm",
    ]


@pytest.mark.parametrize("name", STRATEGIES)
def test_strategy_is_found_by_its_stored_name(name: str) -> None:
    assert strategy_called(name) is strategy_called(f"{name}:short") is STRATEGIES[name]
