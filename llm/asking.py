"""One question put to a server, from its turn to the body as it came.

Everything that is asked goes this way, whatever its protocol: at the endpoint's pace, past its
circuit, through the ledger, and back into its health.
"""

import time
from dataclasses import dataclass
from typing import Any

from llm import client, guests, ledger, pace
from llm.actions import health
from llm.errors import CallFailed, EndpointBroken, Unparseable
from llm.exchange import Reply
from llm.health import Standing
from llm.ledger import Question
from llm.models import Call
from llm.statuses import problem_with
from work.connections import release_connections
from work.errors import LateClaim
from work.traces import note


@dataclass(frozen=True)
class Asked:
    """A call that was answered: not concluded, its body captured and not looked at."""

    call: Call
    reply: Reply
    problem: CallFailed | EndpointBroken | None
    """What the status means, if it is not a 2xx."""
    standing: Standing
    tokens: int
    """What it was reckoned to take."""


def put(question: Question, path: str, body: dict[str, Any], params: dict[str, Any]) -> Asked:
    """Wait for the endpoint's turn, send, and keep what came back before anything is read from it.

    `params` is what the ledger keeps of the body. Raises `HeldBack` before anything has left,
    else `CallFailed`, `EndpointBroken` and `Unparseable` where no whole answer came; then the
    call is concluded. Else its asker says `conclude` and `ended`.
    """
    endpoint = question.endpoint
    note(endpoint=endpoint.name)
    tokens = pace.tokens_of(endpoint, question.prompt, question.schema)
    if endpoint.is_paced:
        # Looked at first, so that who finds no room has not used up a turn.
        guests.check_room(question)
    pace.wait_for_turn(endpoint, tokens, question.claim)
    standing = health.enter(endpoint)
    call = opened(question, params, standing, needs_room=True)
    # Hundreds may wait for answers; those who ask the database need the connections.
    release_connections()
    reply = _captured(call, standing, path, body)
    return Asked(call, reply, problem_with(reply), standing, tokens)


def _captured(call: Call, standing: Standing, path: str, body: dict[str, Any]) -> Reply:
    """Send, and keep what came; whatever goes wrong, the call does not stay open."""
    endpoint, started = call.endpoint, time.monotonic()
    try:
        reply = client.send(endpoint, path, body, str(call.pk))
        call.latency_ms = round((time.monotonic() - started) * 1000)
        ledger.capture(call, reply, call.latency_ms)
        return reply
    except (CallFailed, EndpointBroken, Unparseable) as error:
        if isinstance(error, Unparseable):
            error.call_id = call.pk
        ledger.break_off(call, error.outcome)
        health.note(endpoint, standing, error)
        raise
    except LateClaim:
        raise
    except Exception:
        # A mistake of ours, not the server's: it may have been paid, and its probe showed nothing.
        ledger.break_off(call, "error")
        health.abandon_probe(endpoint, standing)
        raise


def opened(
    question: Question, params: dict[str, Any], standing: Standing, *, needs_room: bool = False
) -> Call:
    """`open_call`; a probe that does not leave after all makes room for another."""
    client.load()
    try:
        return ledger.open_call(question, params, needs_room=needs_room)
    except BaseException:
        health.abandon_probe(question.endpoint, standing)
        raise


def ended(asked: Asked, question: Question) -> None:
    """Draw the conclusions from an answer, once its call is concluded."""
    call, endpoint = asked.call, question.endpoint
    health.note(endpoint, asked.standing, asked.problem, asked.reply.retry_after)
    if call.prompt_tokens is not None and endpoint.tokens_per_minute:
        used = call.prompt_tokens + (call.completion_tokens or 0)
        pace.give_back(endpoint, asked.tokens - used)
