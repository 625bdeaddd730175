"""One tiny question that shows what an endpoint can do."""

from dataclasses import dataclass
from decimal import Decimal

from llm.embedding import embed
from llm.errors import CallFailed, EndpointBroken, Refused, Unparseable
from llm.exchange import Prompt
from llm.gateway import ask
from llm.models import Call, Endpoint
from work.errors import Hold

SCOPE = "check"
TASK = "check"
TOKENS = 300
"""Enough for a model that thinks first."""
SCHEMA = {
    "type": "object",
    "properties": {"sum": {"type": "integer"}},
    "required": ["sum"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Finding:
    """What was found out. `problem` is a sentence, or empty if all is well."""

    problem: str = ""
    model: str = ""
    structured: str = ""
    """The strictest way in which it gave a typed answer."""
    dimensions: int = 0
    """Of a vector, from an endpoint that makes them."""
    is_counted: bool = False
    """Whether it says how many tokens it took."""
    cost: Decimal | None = None
    milliseconds: int = 0


def check(endpoint: Endpoint) -> Finding:
    """Ask one tiny question, paid and entered like any other."""
    try:
        if endpoint.protocol == Endpoint.Protocol.EMBEDDINGS:
            return _check_vectors(endpoint)
        return _check_answer(endpoint)
    except Unparseable as problem:
        return Finding(problem=f"{problem}.{_advice(endpoint, problem)}")
    except (CallFailed, EndpointBroken, Refused, Hold) as problem:
        return Finding(problem=f"{problem}.")


def _advice(endpoint: Endpoint, problem: Unparseable) -> str:
    """Some servers take a schema and do not mind it: the ladder meets no refusal to climb down."""
    is_mistyped = problem.outcome in ("malformed", "invalid_value")
    if not is_mistyped or endpoint.structured == Endpoint.Structured.PROMPT:
        return ""
    return (
        " The model answered, but not by the schema it was sent. If its server passes schemas "
        "over, set `structured` to prompt: it is then told of them in words."
    )


def _check_answer(endpoint: Endpoint) -> Finding:
    question = "What is 2 + 3? Answer with the sum."
    prompt = Prompt(
        TASK,
        [{"role": "user", "content": question}],
        max_tokens=endpoint.max_output_tokens or TOKENS,
    )
    answer = ask(
        endpoint=endpoint, prompt=prompt, schema=SCHEMA, claim=None, scope=SCOPE, subject=None
    )
    endpoint.refresh_from_db()
    return _found(Call.objects.get(pk=answer.call_id), structured=endpoint.structured)


def _check_vectors(endpoint: Endpoint) -> Finding:
    # Never the same text twice, or an earlier answer would do.
    text = f"question {Call.objects.filter(endpoint=endpoint, scope=SCOPE).count() + 1}"
    vectors = embed(endpoint=endpoint, texts=[text], claim=None, scope=SCOPE, subject=None)
    call = Call.objects.filter(endpoint=endpoint, scope=SCOPE).latest("started_at")
    return _found(call, dimensions=len(vectors[0]))


def _found(call: Call, structured: str = "", dimensions: int = 0) -> Finding:
    return Finding(
        model=call.model_answered,
        structured=structured,
        dimensions=dimensions,
        is_counted="usage_estimated" not in call.flags,
        cost=call.cost,
        milliseconds=call.latency_ms or 0,
    )
