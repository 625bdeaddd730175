"""How a typed answer is asked for: the strictest rung first, and down when a server refuses it."""

from typing import Any

from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from llm.protocols.registry import spoken_by
from llm.protocols.schemas import Schema
from work.keys import digest_of

RUNGS = [
    Endpoint.Structured.JSON_SCHEMA,
    Endpoint.Structured.JSON_OBJECT,
    Endpoint.Structured.PROMPT,
]
FORMAT_COMPLAINTS = (
    "response_format", "json_schema", "json_object", "text.format", "guided", "schema",
)  # fmt: skip


def rungs_for(endpoint: Endpoint, schema: Schema | None) -> list[Endpoint.Structured]:
    """The rungs to try, in order; one that asks for nothing special if there is no schema."""
    if schema is None:
        return [Endpoint.Structured.PROMPT]
    return RUNGS[RUNGS.index(Endpoint.Structured(endpoint.structured)) :]


def body_for(
    endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
) -> dict[str, Any]:
    """The request's body on this rung."""
    return spoken_by(endpoint).body_of(endpoint, prompt, schema, rung)


def request_digest(endpoint: Endpoint, prompt: Prompt, schema: Schema | None) -> str:
    """Names the question, whatever rung it is asked on."""
    asked = {
        "protocol": endpoint.protocol,
        "base_url": endpoint.base_url,
        "model": endpoint.model,
        "messages": prompt.messages,
        "params": spoken_by(endpoint).params_of(endpoint, prompt),
        "schema": schema,
    }
    # Where there is none, answers kept by their words alone go on serving.
    return digest_of(asked | {"identity": prompt.identity} if prompt.identity else asked)


def is_format_refused(reply: Reply, rung: Endpoint.Structured) -> bool:
    """Whether a 400 or 422 complains about how the typed answer was asked for."""
    if reply.status not in (400, 422) or rung == Endpoint.Structured.PROMPT:
        return False
    complaint = reply.body.lower()
    return any(word in complaint for word in FORMAT_COMPLAINTS)
