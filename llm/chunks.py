"""The pieces of a streamed chat completion: server-sent events, trusted in nothing."""

import json
import re
from collections.abc import Callable
from typing import Any

from llm.envelope import count_or_none
from llm.errors import Refused, Unparseable
from llm.exchange import Reply
from llm.hiding import Veil

LONGEST_LINE = 1_000_000
"""Bytes."""
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What a database can't hold."""


class Heard:
    """What came of an answer so far."""

    def __init__(self, on_piece: Callable[[str], None], longest: int, name: str = "") -> None:
        self.name = name
        """Of the question that it answers."""
        self.reply = Reply(status=0, body="")
        self.veil = Veil()
        """Over the key of whoever is asked."""
        self.model = ""
        self.finish_reason = ""
        self.prompt_tokens: int | None = None
        self.completion_tokens: int | None = None
        self.is_done = False
        self.is_refusal = False
        self.went_on = False
        """Whether a piece came after the last word, as when a proxy repeats itself."""
        self._on_piece = on_piece
        self._pieces: list[str] = []
        self._length = 0
        self._longest = longest
        self._half = ""

    @property
    def text(self) -> str:
        """All pieces."""
        return "".join(self._pieces)

    @property
    def is_over(self) -> bool:
        """Was the last word said? Only the count of tokens may follow."""
        return self.is_done or self.finish_reason != ""

    @property
    def refused_or_ok(self) -> str:
        """How a whole answer is entered."""
        return "refused" if self.is_refusal else "ok"

    def name_model(self, name: str) -> None:
        """Who answers, by its own words."""
        self.model = UNSTORABLE.sub("\ufffd", self.veil.over(name))[:200]

    def take(self, piece: str) -> None:
        """Hand on one more piece of text; raises `Unparseable` when the answer is too long."""
        piece = self._storable(piece)
        if not piece:
            return
        self._length += len(piece)
        if self._length > self._longest:
            raise Unparseable("too_large", f"the answer is longer than {self._longest} characters")
        self._show(self.veil.passed(piece))

    def take_rest(self) -> None:
        """Hand on what was held back; nothing more comes."""
        self._show(self.veil.rest())

    def _show(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._on_piece(text)

    def _storable(self, piece: str) -> str:
        """Some servers cut between the two halves of a character; one half alone is replaced."""
        if not self._half and piece.isascii() and "\x00" not in piece:
            return piece
        piece, self._half = self._half + piece, ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        if not UNSTORABLE.search(piece):
            return piece
        joined = piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return joined.replace("\x00", "\ufffd")

    def check_whole(self) -> None:
        """Raise `Unparseable` or `Refused` unless the answer came to its own end."""
        if not self.is_over:
            raise Unparseable("cut", "the stream ended before the answer did")
        if self.went_on:
            raise Unparseable("cut", "the stream went on after the answer's end")
        if self.finish_reason == "length":
            raise Unparseable("truncated", "the answer reached the token limit")
        if self.finish_reason == "content_filter":
            raise Refused("a content filter stopped the answer")
        if not self.text.strip():
            raise Unparseable("empty", "the answer is empty")


class Chunks:
    """Reads the events of one stream from bytes that may break anywhere."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._rest = b""

    def take(self, data: bytes) -> bool:
        """Read what is complete; whether that was more than comments.

        Raises `Unparseable` for an error that the server reports, and for what is no event.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise Unparseable("too_large", "a line of the stream is longer than 1 MB")
        found = [line[5:].strip() for line in lines if line.startswith(b"data:")]
        for data in found:
            if data == b"[DONE]":
                self._heard.is_done = True
                break
            self._hear(_object_in(data))
        return bool(found)

    def _hear(self, chunk: dict[str, Any]) -> None:
        heard = self._heard
        if chunk.get("error"):
            raise Unparseable("cut", "the server reported an error in mid-stream")
        if not heard.model and isinstance(chunk.get("model"), str):
            heard.name_model(chunk["model"])
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            heard.prompt_tokens = count_or_none(usage.get("prompt_tokens"))
            heard.completion_tokens = count_or_none(usage.get("completion_tokens"))
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._hear_choice(choices[0])

    def _hear_choice(self, choice: dict[str, Any]) -> None:
        delta = choice.get("delta")
        for name in ("content", "refusal"):
            piece = delta.get(name) if isinstance(delta, dict) else None
            if not isinstance(piece, str) or not piece:
                continue
            if self._heard.finish_reason:
                self._heard.went_on = True
            else:
                self._heard.is_refusal |= name == "refusal"
                self._heard.take(piece)
        if isinstance(choice.get("finish_reason"), str):
            self._heard.finish_reason = choice["finish_reason"]


def _object_in(data: bytes) -> dict[str, Any]:
    try:
        chunk = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise Unparseable("cut", "an event of the stream is not JSON") from None
    if not isinstance(chunk, dict):
        raise Unparseable("cut", "an event of the stream is not a JSON object")
    return chunk
