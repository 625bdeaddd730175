"""Retrieved: the few attributes or turns nearest to the request, by words or by vectors."""

import pytest

from bench.fakellm.server import FakeLlm
from generation.planning.responses import idle_strategies
from generation.planning.stages import plans_for
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.models import Call, Endpoint
from studies.models import Study
from tests.generation.strategies.people import ask_for, given_to, one_of, responses_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def vectors(server: FakeLlm) -> Endpoint:
    """An endpoint that gives vectors of words."""
    return ensure_endpoint(
        name="vectors", base_url=server.url, model="words", protocol=Endpoint.Protocol.EMBEDDINGS
    )


def test_bm25_gives_what_shares_words_with_the_request(study: Study) -> None:
    found = responses_by(study, "retrieved:bm25")

    assert given_to(found["anna"]) == ["Anna likes spicy soup"]
    assert given_to(found["bela"]) == []


def test_bm25_finds_turns_that_the_person_said(study: Study) -> None:
    found = responses_by(study, "retrieved_turns:bm25")

    assert given_to(found["anna"]) == ["Anna once burnt a soup"]


@pytest.mark.parametrize("arm", ["embeddings", "hybrid"])
def test_vectors_give_the_nearest(study: Study, vectors: Endpoint, arm: str) -> None:
    entry = {"name": f"retrieved:{arm}", "embeddings": "vectors", "k": 1}

    found = responses_by(study, entry)

    assert given_to(found["anna"]) == ["Anna likes spicy soup"]
    assert found["anna"].provenance["among"] == 3
    assert found["anna"].provenance["strategy_parameters"] == {"k": 1, "embeddings": "vectors"}


def test_calls_for_vectors_count_as_the_responses_own(study: Study, vectors: Endpoint) -> None:
    found = responses_by(study, {"name": "retrieved:hybrid", "embeddings": "vectors"})

    calls = Call.objects.filter(pk__in=found["anna"].provenance["calls"])
    assert [call.purpose for call in calls] == ["embedding", "embedding", "response"]
    assert {call.subject for call in calls} == {one_of(study).pk}


def test_arms_without_an_endpoint_have_nothing_to_do_and_say_so(study: Study) -> None:
    ask_for(study, "retrieved")

    plans = plans_for(study, "response", baseline_endpoint())

    assert {plan.payload["strategy"] for plan in plans} == {"retrieved:bm25"}
    assert idle_strategies(study, plans) == dict.fromkeys(
        ["retrieved:embeddings", "retrieved:hybrid"],
        "It needs an endpoint for embeddings, named by `embeddings`.",
    )


def test_endpoint_that_gives_no_vectors_is_no_endpoint_for_embeddings(
    study: Study, server: FakeLlm
) -> None:
    ensure_endpoint(name="talker", base_url=server.url, model="m")
    ask_for(study, {"name": "retrieved:embeddings", "embeddings": "talker"})

    assert idle_strategies(study, []) == {
        "retrieved:embeddings": "The endpoint “talker” is none for embeddings."
    }
