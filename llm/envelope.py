"""What surrounds a model's text, in whatever protocol it came; trusted in nothing."""

import json
from dataclasses import dataclass
from typing import Any

from llm.errors import Refused, Unparseable
from llm.exchange import Reply
from llm.parsing import Malformed, check_depth, check_storable

MOST_TOKENS = 100_000_000


@dataclass(frozen=True)
class Envelope:
    """The parts of an answer that matter. Token counts are None if absent or absurd."""

    text: str
    finish_reason: str
    refusal: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None


def text_in(envelope: Envelope) -> str:
    """The model's complete text; raises `Refused` or `Unparseable` (truncated, empty)."""
    text = envelope.text
    if envelope.refusal:
        raise Refused("the model declined", raw=envelope.refusal)
    if envelope.finish_reason == "content_filter":
        raise Refused("a content filter stopped the answer", raw=text)
    if envelope.finish_reason == "length":
        raise Unparseable("truncated", "the answer reached the token limit", raw=text)
    if not text.strip():
        raise Unparseable("empty", "the answer is empty", raw=text)
    return text


def object_in(reply: Reply) -> dict[str, Any]:
    """The JSON object in the body of a 200; raises `Unparseable` (malformed)."""
    if reply.status != 200:
        raise Unparseable("malformed", f"HTTP {reply.status} instead of 200", raw=reply.body)
    if "html" in reply.content_type:
        raise Unparseable("malformed", "a web page came instead of JSON", raw=reply.body)
    try:
        check_depth(reply.body)
        # Lenient about NaN: some servers put it into log probabilities, which are not read.
        body = json.loads(reply.body.removeprefix("\ufeff"))
        check_storable(body)
    except Malformed as problem:
        raise Unparseable("malformed", str(problem), raw=reply.body) from None
    except (ValueError, RecursionError):
        raise Unparseable("malformed", "the body is not JSON", raw=reply.body) from None
    if not isinstance(body, dict):
        raise Unparseable("malformed", "the body is not a JSON object", raw=reply.body)
    return body


def text_or_empty(value: Any) -> str:
    """A text, or none where something else stands."""
    return value if isinstance(value, str) else ""


def count_or_none(value: Any) -> int | None:
    """A number of tokens that a server reports, unless it is absurd."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
    return value if is_count else None
