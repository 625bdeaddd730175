"""The shapes in which an answer is asked for and given: chat completions, responses, embeddings."""

import base64
import json
import sys
from array import array
from collections.abc import Callable
from typing import Any

from bench.fakellm.replies import Scripted, completion, streamed
from bench.fakellm.vectors import DIMENSIONS, vector_of

Asked = dict[str, Any]
CHARACTERS_PER_TOKEN = 4


def as_text(answer: Any) -> str:
    """What a model computed, as it would write it."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def tokens_in(text: str) -> int:
    """A rough count, as every server has its own."""
    return len(text) // CHARACTERS_PER_TOKEN


# -- Chat completions ----------------------------------------------------------


def chat(asked: Asked, text: str, pause: float) -> Scripted:
    """The answer to a `/chat/completions`."""
    if asked.get("stream"):
        return streamed(*_words(text, pause))
    said = sum(len(str(message["content"])) for message in asked["messages"])
    usage = {
        "prompt_tokens": said // CHARACTERS_PER_TOKEN,
        "completion_tokens": tokens_in(text),
    }
    return Scripted(body=completion(text, model=asked["model"], usage=usage))


def _words(text: str, pause: float) -> list[str | float]:
    """Each word, and after it a pause."""
    words = [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]
    return [part for word in words for part in (word, pause)]


# -- Responses -----------------------------------------------------------------


def as_chat(asked: Asked) -> Asked:
    """The same question as a chat completion would put it, for those who compute answers."""
    given = asked["input"]
    turns = [{"role": "user", "content": given}] if isinstance(given, str) else given
    messages = [{"role": row["role"], "content": _flat(row["content"])} for row in turns]
    if asked.get("instructions"):
        messages.insert(0, {"role": "system", "content": asked["instructions"]})
    shape = asked.get("text", {}).get("format", {})
    wanted = {"response_format": {"type": "json_schema", "json_schema": shape}}
    return {**asked, "messages": messages, **(wanted if "schema" in shape else {})}


def _flat(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def response(text: str, **changes: Any) -> dict[str, Any]:
    """The body of a whole answer to `/responses`, with changes to it."""
    said = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 0,
        "status": "completed",
        "model": "fake-model",
        "output": [{**message, "content": [said]}],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
        **changes,
    }


def responses(asked: Asked, text: str, pause: float) -> Scripted:
    """The answer to a `/responses`."""
    sent, received = tokens_in(json.dumps(asked["input"])), tokens_in(text)
    usage = {"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received}
    whole = response(text, model=asked["model"], usage=usage)
    if not asked.get("stream"):
        return Scripted(body=whole)
    told = [part if isinstance(part, float) else _delta(part) for part in _words(text, pause)]
    begun = {"type": "response.created", "response": {**whole, "status": "in_progress"}}
    events = [begun, *told, {"type": "response.completed", "response": whole}]
    return Scripted(body=[_event(n, event) for n, event in enumerate(events)])


def _delta(piece: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "delta": piece}


def _event(number: int, event: dict[str, Any] | float) -> str | float:
    if isinstance(event, float):
        return event
    return f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"


# -- Embeddings ----------------------------------------------------------------


def embeddings(asked: Asked) -> Scripted:
    """The answer to an `/embeddings`: a vector for every text, near where words are shared."""
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    size = int(asked.get("dimensions") or DIMENSIONS)
    vectors = [vector_of(str(text), size) for text in texts]
    is_packed = asked.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": n, "embedding": _packed(row) if is_packed else row}
        for n, row in enumerate(vectors)
    ]
    sent = sum(tokens_in(str(text)) for text in texts)
    usage = {"prompt_tokens": sent, "total_tokens": sent}
    return Scripted(body={"object": "list", "model": asked["model"], "data": rows, "usage": usage})


def _packed(vector: list[float]) -> str:
    """32-bit floats, little-endian, in base 64: what the SDK asks for unless told otherwise."""
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode()


SPOKEN: dict[str, Callable[[Asked, str, float], Scripted]] = {
    "/chat/completions": chat,
    "/responses": responses,
}
