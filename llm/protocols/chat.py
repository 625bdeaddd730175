"""Chat completions: what nearly every server speaks."""

from typing import Any

from llm.envelope import Envelope, count_or_none, object_in, text_or_empty
from llm.errors import Unparseable
from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from llm.protocols.schemas import Schema, instructed, schema_name

PATH = "/chat/completions"


def params_of(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    """What shapes the answer; what the prompt leaves open is not sent."""
    chosen = {
        "temperature": prompt.temperature,
        endpoint.token_limit_name: prompt.max_tokens or endpoint.max_output_tokens,
        "seed": prompt.seed,
    }
    sent = {name: value for name, value in chosen.items() if value is not None}
    return {**sent, **endpoint.extra_params}


def body_of(
    endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
) -> dict[str, Any]:
    """The request's body on this rung."""
    messages = [dict(message) for message in prompt.messages]
    body = {"model": endpoint.model, "messages": messages, **params_of(endpoint, prompt)}
    if schema is None:
        return body
    if rung == Endpoint.Structured.JSON_SCHEMA:
        named = {"name": schema_name(prompt.task), "schema": schema, "strict": True}
        return {**body, "response_format": {"type": "json_schema", "json_schema": named}}
    body["messages"] = instructed(messages, schema)
    if rung == Endpoint.Structured.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    return body


def opened(reply: Reply) -> Envelope:
    """Read the body of a 200; raises `Unparseable` (malformed, empty)."""
    body = object_in(reply)
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise Unparseable("empty", "the answer holds no choices", raw=reply.body)
    sent, received = counts_in(body)
    return Envelope(
        text=text_or_empty(message.get("content")),
        finish_reason=text_or_empty(choice.get("finish_reason")),
        refusal=text_or_empty(message.get("refusal")),
        model=text_or_empty(body.get("model"))[:200],
        prompt_tokens=sent,
        completion_tokens=received,
    )


def counts_in(body: dict[str, Any]) -> tuple[int | None, int | None]:
    """The tokens of the question and of the answer, as the server counts them."""
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return count_or_none(counts.get("prompt_tokens")), count_or_none(
        counts.get("completion_tokens")
    )
