"""An answer handed on while it is written: one question, piece after piece, entered in the ledger.

What was said is kept by the asker alone: of a streamed call the ledger holds figures, no words.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llm import asking, client, ledger, pace
from llm.actions import health
from llm.baselines import solver_for
from llm.chunks import Chunks, Heard
from llm.envelope import Envelope, text_in
from llm.errors import CallFailed, EndpointBroken, HeldBack, Refused, Unparseable
from llm.exchange import Prompt, Reply
from llm.health import Standing
from llm.ladder import body_for, request_digest
from llm.ledger import Question
from llm.models import Call, Endpoint
from llm.protocols.chat import opened
from llm.statuses import problem_with
from work.claims import Claim
from work.errors import Hold
from work.offloading import DatabaseThread
from work.traces import note

AFTERWARDS_SECONDS = 5.0
"""For what follows the last word: the count of tokens."""
LONGEST_REPLY = 200_000
"""Characters."""
LARGEST = 2_000_000
"""Bytes of an answer that does not come in pieces."""
BASELINE_SECONDS = 0.03
"""Between the words of a baseline, which would otherwise not be seen to come."""

STREAMED = (Endpoint.Protocol.CHAT, Endpoint.Protocol.BASELINE)

OnPiece = Callable[[str], None]

# Endpoints that refused to count tokens of a stream; they are not asked for it again.
_uncounted: set[UUID] = set()


@dataclass(frozen=True)
class Streamed:
    """A whole answer and who gave it; `outcome` is ok or refused."""

    call_id: UUID
    text: str
    model: str
    outcome: str


async def stream(
    *,
    endpoint: Endpoint,
    prompt: Prompt,
    claim: Claim,
    scope: str,
    subject: UUID | None,
    on_piece: OnPiece,
    database: DatabaseThread,
) -> Streamed:
    """Ask, call `on_piece` with each piece of text as it comes, and return the whole.

    The call is on record before it leaves. Cancelling ends it: what came so far counts as asked
    for. Raises `HeldBack` if nothing may leave now, else `CallFailed`, `EndpointBroken`,
    `Unparseable` (cut, truncated, too_large, empty, malformed), `Refused`, and `LateClaim` if the
    job has another holder; pieces may have been handed on before.

    A person waits for it: it goes before jobs in the endpoint's pace, and no lane holds it up.
    Of the protocols only chat completions are streamed.
    """
    if endpoint.protocol not in STREAMED:
        raise EndpointBroken("bad_request", f"the endpoint {endpoint.name} is not streamed")
    question = Question(
        endpoint, prompt, claim, scope, subject, request_digest(endpoint, prompt, None)
    )
    body = _body(endpoint, prompt)
    shaping = {name: value for name, value in body.items() if name not in ("messages", "model")}
    if endpoint.is_paced:
        tokens = pace.tokens_of(endpoint, prompt, None)
        turn = await database(pace.live_turn, endpoint, tokens)
        await asyncio.sleep(turn)
    note(endpoint=endpoint.name)
    call, standing = await database(_opened, question, shaping)
    heard = Heard(on_piece, LONGEST_REPLY, name=str(call.pk))
    started = time.monotonic()
    outcome, state = "cut", Call.State.ERROR
    problem: Exception | None = None
    try:
        await _listen(question, body, heard)
        outcome, state = heard.refused_or_ok, Call.State.OK
    except asyncio.CancelledError:
        outcome, state = "stopped", Call.State.OK
        raise
    except (CallFailed, EndpointBroken, Unparseable, Refused) as error:
        problem, outcome = error, error.outcome
        raise
    finally:
        latency_ms = round((time.monotonic() - started) * 1000)
        await database(
            ledger.close_stream, question, call, _envelope(heard), heard.reply,
            state=state, outcome=outcome, latency_ms=latency_ms,
        )  # fmt: skip
        if standing is not None:
            await database(_note, endpoint, standing, heard, problem)
    return Streamed(call.pk, heard.text, call.model_answered or endpoint.model, outcome)


def _opened(question: Question, shaping: dict[str, Any]) -> tuple[Call, Standing | None]:
    """Enter the call; a person is told at once what a job would be held for."""
    if question.endpoint.is_baseline:
        return ledger.open_call(question, shaping), None
    standing = health.enter(question.endpoint)
    try:
        return asking.opened(question, shaping, standing), standing
    except Hold as spent:
        raise HeldBack("budget", spent.reason) from None


def _note(endpoint: Endpoint, standing: Standing, heard: Heard, problem: Exception | None) -> None:
    """Draw the conclusions; a person who left before an answer began has shown nothing."""
    if problem is None and not heard.reply.status:
        health.abandon_probe(endpoint, standing)
        return
    health.note(endpoint, standing, problem, heard.reply.retry_after)


async def _listen(question: Question, body: dict[str, Any], heard: Heard) -> None:
    """Read the answer to its end, within the limits of time."""
    if question.endpoint.is_baseline:
        await _recite(question, heard)
        return
    endpoint, loop = question.endpoint, asyncio.get_running_loop()
    deadline = loop.time() + endpoint.timeout
    try:
        async with asyncio.timeout(min(endpoint.first_byte_timeout, endpoint.timeout)) as limit:

            def again() -> None:
                # Comments that only keep the connection alive are no pieces.
                patience = AFTERWARDS_SECONDS if heard.is_over else endpoint.idle_timeout
                until = min(loop.time() + patience, deadline)
                # Each change costs something, and a second more or less does not matter.
                if heard.is_over or abs(until - (limit.when() or 0.0)) > 1.0:
                    limit.reschedule(until)

            await _exchange(question, body, heard, again)
    except TimeoutError:
        if not heard.is_over:
            raise CallFailed("timeout", "no whole answer came in time") from None
    except (CallFailed, Unparseable):
        # After the last word nothing is missing.
        if not heard.is_over:
            raise
    finally:
        heard.take_rest()
    heard.check_whole()


async def _exchange(
    question: Question, body: dict[str, Any], heard: Heard, again: Callable[[], None]
) -> None:
    endpoint = question.endpoint
    async with client.streaming(endpoint, body, heard.name) as (reply, pieces):
        heard.reply, heard.veil = reply, client.veil_for(endpoint)
        if not _is_uncountable(reply, body):
            problem = problem_with(reply)
            if problem is not None:
                raise problem
            if "event-stream" not in reply.content_type:
                _take_at_once(reply, await _gathered(pieces), heard)
                return
            chunks = Chunks(heard)
            async for piece in pieces:
                if chunks.take(piece):
                    again()
                if heard.is_done:
                    return
            return
    _uncounted.add(endpoint.pk)
    uncounted = {name: value for name, value in body.items() if name != "stream_options"}
    await _exchange(question, uncounted, heard, again)


def _is_uncountable(reply: Reply, body: dict[str, Any]) -> bool:
    """Whether the server complains that it was asked to count the tokens of a stream."""
    is_refused = reply.status in (400, 422) and "stream_options" in reply.body
    return is_refused and "stream_options" in body


def _body(endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
    body = body_for(endpoint, prompt, None, Endpoint.Structured.PROMPT) | {"stream": True}
    if endpoint.pk not in _uncounted:
        body["stream_options"] = {"include_usage": True}
    return body


async def _gathered(pieces: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > LARGEST:
            raise Unparseable("too_large", "the answer is larger than 2 MB")
    return bytes(body)


def _take_at_once(reply: Reply, body: bytes, heard: Heard) -> None:
    """The answer of a server that does not stream."""
    whole = Reply(reply.status, body.decode("utf-8", "replace"), reply.content_type)
    envelope = opened(whole)
    heard.name_model(envelope.model)
    heard.prompt_tokens, heard.completion_tokens = (
        envelope.prompt_tokens,
        envelope.completion_tokens,
    )
    heard.take(text_in(envelope))
    heard.finish_reason = envelope.finish_reason or "stop"


async def _recite(question: Question, heard: Heard) -> None:
    """Let the baseline answer, word by word."""
    text = str(solver_for(question.prompt.task)(question.prompt.inputs))
    for word in text.split(" "):
        heard.take(word if not heard.text else f" {word}")
        await asyncio.sleep(BASELINE_SECONDS)
    heard.finish_reason = "stop"


def _envelope(heard: Heard) -> Envelope:
    return Envelope(
        text=heard.text,
        finish_reason=heard.finish_reason,
        refusal="",
        model=heard.model,
        prompt_tokens=heard.prompt_tokens,
        completion_tokens=heard.completion_tokens,
    )
