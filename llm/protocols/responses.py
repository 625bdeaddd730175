"""OpenAI's Responses API, asked for one whole answer that the server does not keep."""

from collections.abc import Iterator
from typing import Any

from llm.envelope import Envelope, count_or_none, object_in, text_or_empty
from llm.errors import Unparseable
from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from llm.protocols.schemas import Schema, instructed, schema_name

PATH = "/responses"
FINISHED = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""Its names for why an answer is incomplete, in the words of chat completions."""


def params_of(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    """What shapes the answer. It takes no seed."""
    chosen = {
        "temperature": prompt.temperature,
        "max_output_tokens": prompt.max_tokens or endpoint.max_output_tokens,
        "store": False,
    }
    sent = {name: value for name, value in chosen.items() if value is not None}
    return {**sent, **endpoint.extra_params}


def body_of(
    endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
) -> dict[str, Any]:
    """The request's body on this rung; the first message of the system becomes instructions."""
    messages = [dict(message) for message in prompt.messages]
    if schema is not None and rung != Endpoint.Structured.JSON_SCHEMA:
        messages = instructed(messages, schema)
    body: dict[str, Any] = {"model": endpoint.model, **params_of(endpoint, prompt)}
    if len(messages) > 1 and messages[0].get("role") == "system":
        body["instructions"] = messages.pop(0).get("content", "")
    body["input"] = messages
    if schema is not None and rung == Endpoint.Structured.JSON_SCHEMA:
        named = {"name": schema_name(prompt.task), "schema": schema, "strict": True}
        body["text"] = {"format": {"type": "json_schema", **named}}
    elif schema is not None and rung == Endpoint.Structured.JSON_OBJECT:
        body["text"] = {"format": {"type": "json_object"}}
    return body


def opened(reply: Reply) -> Envelope:
    """Read the body of a 200; raises `Unparseable` (malformed, empty, cut)."""
    body = object_in(reply)
    if body.get("status") in ("failed", "cancelled", "queued", "in_progress"):
        raise Unparseable("cut", "the server did not finish the answer", raw=reply.body)
    if not isinstance(body.get("output"), list):
        raise Unparseable("empty", "the answer holds no output", raw=reply.body)
    parts = list(_parts_in(body["output"]))
    sent, received = counts_in(body)
    return Envelope(
        text="".join(text_or_empty(part.get("text")) for part in parts),
        finish_reason=_finish_reason(body),
        refusal="".join(text_or_empty(part.get("refusal")) for part in parts),
        model=text_or_empty(body.get("model"))[:200],
        prompt_tokens=sent,
        completion_tokens=received,
    )


def counts_in(body: dict[str, Any]) -> tuple[int | None, int | None]:
    """The tokens of the question and of the answer, thoughts included."""
    usage = body.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    return count_or_none(counts.get("input_tokens")), count_or_none(counts.get("output_tokens"))


def _parts_in(output: list[Any]) -> Iterator[dict[str, Any]]:
    """The parts of messages: text and refusals. Thoughts and calls of tools are passed over."""
    for entry in output:
        content = entry.get("content") if isinstance(entry, dict) else None
        if isinstance(content, list) and entry.get("type") == "message":
            kinds = ("output_text", "refusal")
            yield from (p for p in content if isinstance(p, dict) and p.get("type") in kinds)


def _finish_reason(body: dict[str, Any]) -> str:
    if body.get("status") != "incomplete":
        return "stop"
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    # Whatever cut it short, it is not complete.
    return FINISHED.get(text_or_empty(reason), "length")
