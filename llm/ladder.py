"""How a typed answer is asked for: the strictest rung first, and down when a server refuses it."""

import re
from typing import Any

from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from work.keys import canonical_json, digest_of

RUNGS = [
    Endpoint.Structured.JSON_SCHEMA,
    Endpoint.Structured.JSON_OBJECT,
    Endpoint.Structured.PROMPT,
]
INSTRUCTION = "Answer with one JSON value that follows this JSON schema, and with nothing else:\n"
FORMAT_COMPLAINTS = ("response_format", "json_schema", "json_object", "guided", "schema")

Schema = dict[str, Any]


def rungs_for(endpoint: Endpoint, schema: Schema | None) -> list[Endpoint.Structured]:
    """The rungs to try, in order; one that asks for nothing special if there is no schema."""
    if schema is None:
        return [Endpoint.Structured.PROMPT]
    return RUNGS[RUNGS.index(Endpoint.Structured(endpoint.structured)) :]


def body_for(
    endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
) -> dict[str, Any]:
    """The request's body on this rung."""
    messages = [dict(message) for message in prompt.messages]
    body = {"model": endpoint.model, "messages": messages, **params_of(endpoint, prompt)}
    if schema is None:
        return body
    if rung == Endpoint.Structured.JSON_SCHEMA:
        named = {"name": _schema_name(prompt.task), "schema": schema, "strict": True}
        return {**body, "response_format": {"type": "json_schema", "json_schema": named}}
    body["messages"] = _instructed(messages, schema)
    if rung == Endpoint.Structured.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    return body


def params_of(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    """The parameters that shape the answer; what the prompt leaves open is not sent."""
    chosen = {
        "temperature": prompt.temperature,
        endpoint.token_limit_name: prompt.max_tokens,
        "seed": prompt.seed,
    }
    sent = {name: value for name, value in chosen.items() if value is not None}
    return {**sent, **endpoint.extra_params}


def request_digest(endpoint: Endpoint, prompt: Prompt, schema: Schema | None) -> str:
    """Names the question, whatever rung it is asked on."""
    asked = {
        "base_url": endpoint.base_url,
        "model": endpoint.model,
        "messages": prompt.messages,
        "params": params_of(endpoint, prompt),
        "schema": schema,
    }
    return digest_of(asked)


def is_format_refused(reply: Reply, rung: Endpoint.Structured) -> bool:
    """Whether a 400 or 422 complains about how the typed answer was asked for."""
    if reply.status not in (400, 422) or rung == Endpoint.Structured.PROMPT:
        return False
    complaint = reply.body.lower()
    return any(word in complaint for word in FORMAT_COMPLAINTS)


def _instructed(messages: list[dict[str, str]], schema: Schema) -> list[dict[str, str]]:
    """The schema goes to the end of the last message: some servers take one system message."""
    last = messages[-1]
    text = f"{last.get('content', '')}\n\n{INSTRUCTION}{canonical_json(schema)}"
    return [*messages[:-1], {**last, "content": text}]


def _schema_name(task: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "_", task)[:64] or "answer"
