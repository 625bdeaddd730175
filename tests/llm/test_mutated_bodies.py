"""Five thousand bodies that went wrong on their way: none is read as an answer that it is not."""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bench.fakellm.replies import DONE, chunk, completion
from bench.fakellm.speaking import response
from llm.chunks import Chunks, Heard
from llm.envelope import text_in
from llm.errors import Refused, Unparseable
from llm.exchange import Reply
from llm.parsing import Malformed, read_json, why_invalid
from llm.protocols import chat, embeddings, responses
from tests.llm.conftest import SCHEMA

EACH = 1000
GOOD = '{"score": 4}'
ODD = [
    "\x00", "\ud800", "\ufeff", "\\u0000", "\\ud83d", "NaN", "Infinity", "1e999", "null", "true",
    "{}", "[]", '"', "\\", "{", "[" * 200, "}", ",", ":", "```", "</think>", "８", "-", "9" * 400,
]  # fmt: skip
"""What is put in somewhere."""
STRANGE: list[Any] = [
    None, True, -1, 0, 11, 2**63, 10**400, 0.5, "", "length", "content_filter", "\x00", "{}", [],
    {}, [None], [[]], {"": 0},
]  # fmt: skip
"""What stands in a value's place."""


def mutated(text: str, chance: random.Random) -> str:
    """The text with up to three things done to it: cut, doubled, turned, or something put in."""
    for _ in range(chance.randint(1, 3)):
        start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        piece = text[start : min(end, start + 40)]
        sign = chr(chance.randrange(0x3000))
        put = chance.choice(["", piece * 2, piece[::-1], sign, *chance.sample(ODD, 3)])
        text = text[:start] + put + text[start + len(piece) :]
    return text


def altered(value: Any, chance: random.Random) -> Any:
    """The same JSON but for one value in it, which is another, gone, or there twice."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.2:
        return (
            mutated(value, chance) if isinstance(value, str) and value else chance.choice(STRANGE)
        )
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    place, copy = chance.choice(places), value.copy()
    if chance.random() < 0.2:
        del copy[place]
    elif isinstance(copy, list) and chance.random() < 0.2:
        copy.insert(place, copy[place])
    else:
        copy[place] = altered(copy[place], chance)
    return copy


def broken(bodies: list[Any], chance: random.Random) -> str:
    """These bodies, or events, one after the other, with something wrong in one or between them."""
    whole = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    way = chance.randrange(4)
    if way == 0:
        return mutated("".join(whole), chance)
    number = chance.randrange(len(whole))
    if way == 1 and len(whole) > 1:
        return "".join(chance.choices(whole, k=chance.randint(0, 6)))
    if isinstance(bodies[number], str) and bodies[number].startswith("data: {"):
        event = altered(json.loads(bodies[number][6:]), chance)
        whole[number] = f"data: {json.dumps(event)}\n\n"
    elif not isinstance(bodies[number], str):
        whole[number] = json.dumps(altered(bodies[number], chance))
    return "".join(whole)


def read_whole(opened: Callable[[Reply], object], body: str) -> str:
    """How an answer that came at once ends; raises if it is not by one of our errors."""
    reply = Reply(200, body, "application/json")
    try:
        value = read_json(text_in(opened(reply)))  # type: ignore[arg-type]
    except Malformed:
        return "malformed"
    complaint = why_invalid(value, SCHEMA)
    if complaint:
        return "invalid_value"
    assert type(value["score"]) in (int, float)
    assert value["score"] in (1, 2, 3, 4, 5)
    return "ok"


def read_streamed(body: str) -> str:
    """The same of a stream, in pieces of any length."""
    heard = Heard(len, 10_000)  # type: ignore[arg-type]
    chunks = Chunks(heard)
    data = body.encode("utf-8", "surrogatepass")
    for start in range(0, len(data), 37):
        chunks.take(data[start : start + 37])
        if heard.is_done:
            break
    heard.check_whole()
    heard.text.encode()  # what a database can't hold has been replaced
    assert "\x00" not in heard.text
    return heard.refused_or_ok


def read_vectors(body: str) -> str:
    """The same of an answer to a question for two vectors."""
    rows = embeddings.vectors_in(Reply(200, body, "application/json"), 2)
    assert [len(row) for row in rows] == [3, 3]
    return "ok"


ROWS = [{"index": n, "embedding": [0.5, -1, 2e-3]} for n in (0, 1)]
READERS: dict[str, tuple[list[Any], Callable[[str], str]]] = {
    "chat": ([completion(GOOD)], lambda body: read_whole(chat.opened, body)),
    # What the model itself wrote: here the body is the text within.
    "answer": (
        [json.loads(GOOD)],
        lambda text: read_whole(chat.opened, json.dumps(completion(text))),
    ),
    "responses": ([response(GOOD)], lambda body: read_whole(responses.opened, body)),
    "vectors": ([{"object": "list", "data": ROWS, "model": "fake-model"}], read_vectors),
    "stream": (
        [chunk("Good"), chunk(" day"), chunk(finish_reason="stop"), DONE],
        read_streamed,
    ),
}
OUTCOMES = {
    "ok", "malformed", "empty", "truncated", "cut", "invalid_value", "too_large", "refused",
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_broken_body_ends_in_an_outcome(name: str) -> None:
    bodies, read = READERS[name]
    chance, ends = random.Random(name), Counter[str]()
    for _ in range(EACH):
        try:
            ends[read(broken(bodies, chance))] += 1
        except (Unparseable, Refused) as error:
            ends[error.outcome] += 1

    assert sum(ends.values()) == EACH
    assert set(ends) <= OUTCOMES
    assert len(ends) >= 3
