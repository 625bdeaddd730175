"""What a study document may say about endpoints and strategies, and what it then means."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from collection.endpoints import endpoint_for
from generation.document import endpoint_faults, strategy_faults
from generation.strategies.choosing import strategies_of
from generation.strategies.registry import strategies_named
from llm.actions.endpoints import ensure_endpoint
from tests.samples import make_study


@pytest.mark.parametrize(
    ("section", "paths"),
    [
        (None, []),
        ([], []),
        ([{"name": "main", "model": "gpt-x"}], []),
        ([{"name": "main"}], [(0, "model")]),
        ([{"name": "main", "model": "m", "key": "sk"}], [(0, "key")]),
        ([{"name": "Main", "model": "m"}], [(0, "name")]),
        ([{"name": "a", "model": "m"}, {"name": "a", "model": "n"}], [(1,)]),
        ("main", [()]),
    ],
)
def test_endpoint_faults_name_the_place(section: Any, paths: list[Any]) -> None:
    assert [path for path, _ in endpoint_faults(section, {})] == paths


@pytest.mark.parametrize(
    ("section", "paths"),
    [
        (["generic", "relevant_attributes"], []),
        (["generic", "relevant_attributes:owner"], []),
        (["generic", "magic"], [(1,)]),
        (["generic", 7], [(1,)]),
        (["generic", {"a": 1}], [(1,)]),
        (["generic", "generic"], [(1,)]),
        ([], [()]),
        ("generic", [()]),
    ],
)
def test_strategy_faults_name_the_place(section: Any, paths: list[Any]) -> None:
    assert [path for path, _ in strategy_faults(section, {})] == paths


def test_strategies_named_knows_all_arms() -> None:
    names = [strategy.name for strategy in strategies_named(["generic", "relevant_attributes"])]

    assert names == [
        "generic",
        "relevant_attributes:owner",
        "relevant_attributes:peers",
        "relevant_attributes:llm",
    ]


@pytest.mark.django_db
def test_strategies_of_a_study_are_those_it_lists() -> None:
    study = make_study(strategies=["generic"])

    assert [strategy.name for strategy in strategies_of(study)] == ["generic"]


@pytest.mark.django_db
def test_endpoint_for_a_listed_name_without_a_server_is_the_baseline() -> None:
    study = make_study(endpoints=[{"name": "main", "model": "gpt-x"}])

    assert endpoint_for(study).model == endpoint_for(study, "main").model == "baseline/rules"


@pytest.mark.django_db
def test_endpoint_for_a_listed_name_uses_the_settings_server(settings: Any) -> None:
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    study = make_study(endpoints=[{"name": "main", "model": "gpt-x"}])

    endpoint = endpoint_for(study)

    assert (endpoint.name, endpoint.model, endpoint.key_name) == ("main", "gpt-x", "LLM_API_KEY")


@pytest.mark.django_db
def test_endpoint_for_refuses_an_unknown_name() -> None:
    with pytest.raises(ValidationError, match="no endpoint named “other”"):
        endpoint_for(make_study(), "other")


@pytest.mark.django_db
def test_endpoint_for_refuses_another_model() -> None:
    ensure_endpoint(name="main", base_url="http://127.0.0.1:9/v1", model="gpt-y")
    study = make_study(endpoints=[{"name": "main", "model": "gpt-x"}])

    with pytest.raises(ValidationError, match="serves gpt-y, not gpt-x"):
        endpoint_for(study)
