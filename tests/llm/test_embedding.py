"""Vectors of texts: asked in batches, in order, paid once, and never believed blindly."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from llm import budgets
from llm.actions.budgets import set_budget
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.embedding import TEXTS_AT_ONCE, embed
from llm.errors import CallFailed, EndpointBroken, Unparseable
from llm.models import Budget, Call, Endpoint
from tests.llm.conftest import claimed_again, recorded
from work.claims import Claim
from work.errors import Hold

SCOPE = "study:alps"


@pytest.fixture
def vectors(server: FakeLlm) -> Endpoint:
    """The server by its embeddings."""
    return ensure_endpoint(
        name="v", base_url=server.url, model="fake-model", protocol="embeddings", price_prompt=1000
    )


def embedded(endpoint: Endpoint, *texts: str, claim: Claim | None = None) -> list[list[float]]:
    return embed(endpoint=endpoint, texts=texts, claim=claim, scope=SCOPE, subject=None)


def answer(*rows: Any, order: list[int] | None = None) -> Scripted:
    places = order or list(range(len(rows)))
    data = [{"index": places[n], "embedding": row} for n, row in enumerate(rows)]
    return Scripted(body=json.dumps({"data": data, "usage": {"prompt_tokens": 2}}))


@pytest.mark.django_db(transaction=True)
def test_every_text_gets_its_vector(vectors: Endpoint, server: FakeLlm) -> None:
    server.script(answer([3, 4.5], [1, 2], order=[1, 0]))

    assert embedded(vectors, "a", "b") == [[1.0, 2.0], [3.0, 4.5]]
    assert server.requests[0] == {
        "model": "fake-model", "input": ["a", "b"], "encoding_format": "float",
    }  # fmt: skip
    call = Call.objects.get()
    assert (call.purpose, call.cost, call.completion_tokens) == ("embedding", Decimal("0.002"), 0)


@pytest.mark.django_db(transaction=True)
def test_many_texts_go_in_batches(vectors: Endpoint, server: FakeLlm) -> None:
    texts = [f"text {number}" for number in range(2 * TEXTS_AT_ONCE + 1)]

    found = embedded(vectors, *texts)

    assert len(found) == len(texts)
    assert [len(request["input"]) for request in server.requests] == [32, 32, 1]
    assert found[40] == embedded(vectors, texts[40])[0]


@pytest.mark.django_db(transaction=True)
def test_same_texts_are_paid_once(vectors: Endpoint, server: FakeLlm) -> None:
    first = embedded(vectors, "a", "b")

    assert embedded(vectors, "a", "b") == first
    assert server.billed == 1
    assert list(Call.objects.order_by("started_at").values_list("cost", flat=True))[1] == 0


@pytest.mark.django_db(transaction=True)
def test_other_persons_vectors_are_not_used(vectors: Endpoint, server: FakeLlm) -> None:
    for _ in range(2):
        embed(endpoint=vectors, texts=["a"], claim=None, scope=SCOPE, subject=uuid4())

    assert server.billed == 2


@pytest.mark.django_db(transaction=True)
def test_vectors_of_a_vanished_worker_are_used(
    vectors: Endpoint, server: FakeLlm, claim: Claim
) -> None:
    first = embedded(vectors, "a", claim=claim)

    assert embedded(vectors, "a", claim=claimed_again()) == first
    assert server.billed == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([], "empty"),
        ([[1.0]], "invalid_value"),
        ([[1.0], [1.0, 2.0]], "invalid_value"),
        ([[], []], "invalid_value"),
        ([[float("nan")], [1.0]], "invalid_value"),
        ([[float("inf")], [1.0]], "invalid_value"),
        ([["1"], [1.0]], "invalid_value"),
        ([[True], [1.0]], "invalid_value"),
        ([None, [1.0]], "invalid_value"),
        ([[0.1] * 20_001, [1.0]], "invalid_value"),
        ([[1.0]] * 3, "invalid_value"),
    ],
)
def test_bad_vectors_are_refused(
    rows: list[Any], outcome: str, vectors: Endpoint, server: FakeLlm
) -> None:
    server.script(answer(*rows))

    with pytest.raises(Unparseable) as problem:
        embedded(vectors, "a", "b")

    assert problem.value.outcome == outcome
    assert recorded() == [("error", outcome)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", [[0, 0], [1, 2], [-1, 0]])
def test_vectors_in_places_that_there_are_not_are_refused(
    order: list[int], vectors: Endpoint, server: FakeLlm
) -> None:
    server.script(answer([1.0], [2.0], order=order))

    with pytest.raises(Unparseable, match="as many vectors"):
        embedded(vectors, "a", "b")


@pytest.mark.django_db(transaction=True)
def test_vectors_draw_on_the_budget(vectors: Endpoint, server: FakeLlm) -> None:
    set_budget(scope=SCOPE, max_calls=1, max_cost=Decimal(1), by="ada")
    server.script(answer([1.0]))
    embedded(vectors, "a")

    with pytest.raises(Hold):
        embedded(vectors, "b")

    assert Budget.objects.get().spent == Decimal("0.002")
    assert budgets.faults() == []


@pytest.mark.django_db(transaction=True)
def test_limit_of_the_server_is_heeded(vectors: Endpoint, server: FakeLlm) -> None:
    server.script(Scripted(status=429, headers={"retry-after": "7"}))

    with pytest.raises(CallFailed) as problem:
        embedded(vectors, "a")

    assert problem.value.after_seconds == 7


@pytest.mark.django_db
def test_only_an_endpoint_of_vectors_makes_them() -> None:
    with pytest.raises(EndpointBroken, match="makes no embeddings"):
        embedded(baseline_endpoint(), "a")


@pytest.mark.django_db
def test_text_with_nothing_in_it_is_a_mistake(vectors: Endpoint) -> None:
    with pytest.raises(ValueError, match="empty"):
        embedded(vectors, "a", " \n")
    assert embedded(vectors) == []
