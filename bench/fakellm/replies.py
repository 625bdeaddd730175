"""What the mock endpoint sends: exact replies, and the shapes that servers give theirs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[dict[str, Any]], Any]


def echo(request: dict[str, Any]) -> str:
    """The default answer: what was said last."""
    return str(request["messages"][-1]["content"])


@dataclass
class Scripted:
    """One exact reply. `body` may be text, bytes, or something to be sent as JSON.

    `cut` announces more bytes than are sent; `drip` sends one byte per so many seconds; `hangs`
    takes the request and says nothing. A list as `body` is a stream: each text or bytes of it is
    sent by itself, each number is a pause. `fault` names what was drawn, for the journal.
    """

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    drip: float = 0.0
    hangs: bool = False
    fault: str = ""

    @property
    def payload(self) -> bytes:
        """The body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode("utf-8", "surrogatepass")


def chunk(text: str | None = None, **changes: Any) -> str:
    """One event of a streamed completion: a piece of text, the end (`finish_reason`), or both."""
    choice = {"index": 0, "finish_reason": changes.pop("finish_reason", None)}
    delta = changes.pop("delta", {} if text is None else {"content": text})
    body = {"object": "chat.completion.chunk", "model": "fake-model"}
    return f"data: {json.dumps(body | {'choices': [choice | {'delta': delta}]} | changes)}\n\n"


EVENTS = "text/event-stream"
DONE = "data: [DONE]\n\n"


def streamed(*pieces: str | float, finish_reason: str | None = "stop") -> Scripted:
    """A reply in these pieces with pauses between them, counted and ended as it should be."""
    events = [chunk(piece) if isinstance(piece, str) else piece for piece in pieces]
    count = sum(isinstance(piece, str) for piece in pieces)
    usage = {"prompt_tokens": 10, "completion_tokens": count}
    ending = [chunk(finish_reason=finish_reason), chunk(choices=[], usage=usage), DONE]
    return Scripted(body=[*events, *ending])


def completion(content: Any, **changes: Any) -> dict[str, Any]:
    """A chat completion as a server would send it, with changes to its one choice or itself."""
    choice = {"index": 0, "finish_reason": changes.pop("finish_reason", "stop")}
    message = {"role": "assistant", "content": content, "refusal": changes.pop("refusal", None)}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "fake-model",
        "choices": [{**choice, "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        **changes,
    }
