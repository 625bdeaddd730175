"""Who answers a request to the mock endpoint: the script, chance, the limit, or the model."""

import asyncio
import hashlib
import json
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

from bench.fakellm import control, speaking
from bench.fakellm.books import Books, Visit
from bench.fakellm.cases import fault_called
from bench.fakellm.chance import Chance
from bench.fakellm.limits import Limit, telling_to_wait, whole_seconds
from bench.fakellm.replies import Answer, Scripted
from bench.fakellm.wire import Request

MODELS = {"object": "list", "data": [{"id": "fake-model", "object": "model"}]}
CLIENT_ID = "x-client-request-id"


@dataclass
class Manner:
    """How the model behaves until told otherwise; seconds throughout.

    `retry_after` is what a drawn 429 asks for; `always` names one fault for every request.
    """

    answer: Answer
    latency: float = 0.0
    jitter: float = 0.0
    pause: float = 0.0
    retry_after: float | None = None
    always: str = ""
    script: deque[Scripted | Answer] = field(default_factory=deque)


class Desk:
    """Takes every request of a server; `executor` computes answers aside, None on the spot."""

    def __init__(self, manner: Manner, books: Books, chance: Chance, limit: Limit) -> None:
        self.manner, self.books, self.chance, self.limit = manner, books, chance, limit
        self.executor: Executor | None = None
        self.on_request: Callable[[dict[str, Any], dict[str, str]], None] | None = None

    async def reply(self, request: Request) -> Scripted:
        """What this request is answered."""
        if request.path == "/control":
            return control.obey(self, request)
        if request.method == "GET":
            return Scripted(body=MODELS)
        speaker = self._speaker_of(request.path)
        if speaker is None:
            return Scripted(404, {"error": {"message": "no such path"}})
        try:
            asked = json.loads(request.body)
        except ValueError:
            return Scripted(400, {"error": {"message": "the body is not JSON"}})
        return await self._counted(request, asked, speaker)

    async def _counted(self, request: Request, asked: dict[str, Any], speaker: str) -> Scripted:
        if self.on_request:
            self.on_request(asked, request.headers)
        visit = _visit_of(request, asked)
        is_early = self.books.begin(visit)
        reply = Scripted(500)
        try:
            reply = await self._chosen(visit, asked, speaker)
        finally:
            self.books.end(visit, reply, is_early=is_early)
        return reply

    async def _chosen(self, visit: Visit, asked: dict[str, Any], speaker: str) -> Scripted:
        manner = self.manner
        if manner.script:
            scripted = manner.script.popleft()
            if not isinstance(scripted, Scripted):
                return await self._answered(asked, speaker, scripted)
            await asyncio.sleep(scripted.delay)
            return scripted
        wait = self.limit.admit()
        if wait is not None:
            return _limited(manner.retry_after or wait)
        fault, moment = self.chance.draw(visit.digest)
        name = manner.always or fault
        drawn = fault_called(name) if name else manner.answer
        if not isinstance(drawn, Scripted) or drawn.status == 200:
            await asyncio.sleep(max(0.0, manner.latency + manner.jitter * (2 * moment - 1)))
        if isinstance(drawn, Scripted):
            return _named(drawn, name, manner.retry_after)
        return replace(await self._answered(asked, speaker, drawn), fault=name)

    async def _answered(self, asked: dict[str, Any], speaker: str, answer: Answer) -> Scripted:
        try:
            return await self._aside(lambda: self._computed(asked, speaker, answer))
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return Scripted(500, {"error": {"message": "the model itself failed"}})

    async def _aside(self, act: Callable[[], Scripted]) -> Scripted:
        if self.executor is None:
            return act()
        waiting: Awaitable[Scripted] = asyncio.get_running_loop().run_in_executor(
            self.executor, act
        )
        return await waiting

    def _computed(self, asked: dict[str, Any], speaker: str, answer: Answer) -> Scripted:
        if speaker == "/embeddings":
            return speaking.embeddings(asked)
        question = speaking.as_chat(asked) if speaker == "/responses" else asked
        text = speaking.as_text(answer(question))
        return speaking.SPOKEN[speaker](asked, text, self.manner.pause)

    def _speaker_of(self, path: str) -> str | None:
        return next((end for end in [*speaking.SPOKEN, "/embeddings"] if path.endswith(end)), None)


def _visit_of(request: Request, asked: dict[str, Any]) -> Visit:
    digest = hashlib.blake2b(request.body, digest_size=16).hexdigest()
    name = request.headers.get(CLIENT_ID, "")[:100] or digest
    return Visit(name, digest, request.path, str(asked.get("model"))[:100])


def _limited(wait: float) -> Scripted:
    message = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    return Scripted(429, message, {"Retry-After": whole_seconds(wait)}, fault="limit")


def _named(reply: Scripted, name: str, retry_after: float | None) -> Scripted:
    headers = dict(reply.headers)
    if reply.status == 429 and retry_after is not None and name == "429":
        headers |= telling_to_wait(retry_after)
    return replace(reply, headers=headers, fault=name)
