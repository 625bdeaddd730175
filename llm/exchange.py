"""What is asked of a model, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from llm.protocols.schemas import Schema
from work.keys import canonical_json


@dataclass(frozen=True)
class Prompt:
    """A question, rendered and ready to send.

    `task` is one of "extraction", "relevance", "response", "judge". `messages` are dictionaries
    with `role` and `content`. `inputs` are the structured facts the messages were rendered from;
    only the offline baseline reads them. `version` is the hash of the prompt file.
    """

    task: str
    messages: list[dict[str, str]]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    flags: tuple[str, ...] = ()
    """What the asker noticed in the material, such as `instruction_like`; kept with the call."""
    identity: str = ""
    """What makes it another question although its words are the same: a judge's name, a sample.

    It is not sent. An answer kept for one identity never stands for another.
    """


def texts_of(prompt: Prompt, schema: Schema | None) -> list[str]:
    """What a server is sent to read: the messages, and the schema of the answer."""
    said = [message.get("content", "") for message in prompt.messages]
    return said if schema is None else [*said, canonical_json(schema)]


def length_of(prompt: Prompt, schema: Schema | None) -> int:
    """Of what a server is sent to read, in characters."""
    return sum(len(text) for text in texts_of(prompt, schema))


@dataclass(frozen=True)
class Answer:
    """A valid answer. `value` is the parsed JSON, or None when no schema was asked for.

    Token counts are estimated (four characters each) where the server did not report them; the
    ledger flags such a call. `cost` is None when the endpoint's prices are not known.
    """

    call_id: UUID
    text: str
    value: Any
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    latency_ms: int


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it came over the wire."""

    status: int
    body: str
    content_type: str = ""
    request_id: str = ""
    retry_after: float | None = None
