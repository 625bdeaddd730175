"""Embeddings: texts in, vectors out. It answers no question."""

from typing import Any

from llm.envelope import Envelope, count_or_none, object_in, text_or_empty
from llm.errors import Unparseable
from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from llm.protocols.schemas import Schema

PATH = "/embeddings"
MOST_DIMENSIONS = 20_000
LARGEST = 1e100

Vector = list[float]


def params_of(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    """What shapes the vectors, such as `dimensions`."""
    return {"encoding_format": "float", **endpoint.extra_params}


def body_of(
    endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
) -> dict[str, Any]:
    """The request's body; each message is a text."""
    texts = [message.get("content", "") for message in prompt.messages]
    return {"model": endpoint.model, "input": texts, **params_of(endpoint, prompt)}


def opened(reply: Reply) -> Envelope:
    """Read what surrounds the vectors; raises `Unparseable` (malformed)."""
    body = object_in(reply)
    sent, received = counts_in(body)
    return Envelope(
        text="",
        finish_reason="stop",
        refusal="",
        model=text_or_empty(body.get("model"))[:200],
        prompt_tokens=sent,
        completion_tokens=received,
    )


def counts_in(body: dict[str, Any]) -> tuple[int | None, int | None]:
    """The tokens of the texts; an answer has none."""
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return count_or_none(counts.get("prompt_tokens")), 0


def vectors_in(reply: Reply, number: int) -> list[Vector]:
    """As many vectors as texts were sent, in their order and of one length.

    Raises `Unparseable` (malformed, empty, invalid_value).
    """
    data = object_in(reply).get("data")
    if not isinstance(data, list) or not data:
        raise Unparseable("empty", "the answer holds no vectors", raw="")
    placed = {_index(entry, place): entry for place, entry in enumerate(data)}
    if len(data) != number or placed.keys() != set(range(number)):
        raise Unparseable("invalid_value", "there are not as many vectors as texts", raw="")
    vectors = [_vector(placed[place]) for place in range(number)]
    if len({len(vector) for vector in vectors}) > 1:
        raise Unparseable("invalid_value", "the vectors differ in length", raw="")
    return vectors


def _index(entry: Any, place: int) -> int:
    """Which text it stands for; where the server does not say, the one in its place."""
    index = entry.get("index", place) if isinstance(entry, dict) else None
    return index if isinstance(index, int) and not isinstance(index, bool) else -1


def _vector(entry: Any) -> Vector:
    numbers = entry.get("embedding") if isinstance(entry, dict) else None
    if not isinstance(numbers, list) or not 0 < len(numbers) <= MOST_DIMENSIONS:
        raise Unparseable("invalid_value", "a vector is empty or no list", raw="")
    # A comparison, as a whole number may be too large to become a float; NaN passes none.
    if not all(type(number) in (int, float) and abs(number) <= LARGEST for number in numbers):
        raise Unparseable("invalid_value", "a vector holds what is no number", raw="")
    return [float(number) for number in numbers]
