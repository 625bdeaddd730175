"""The one door to language models: a question in, a valid answer or a typed error out."""

import json
import time
from typing import Any
from uuid import UUID

from llm import asking, ledger
from llm.actions.endpoints import remember_structured
from llm.actions.reusing import reuse
from llm.baselines import solver_for
from llm.envelope import text_in
from llm.errors import (
    MAY_BE_ASKED_AGAIN,
    EndpointBroken,
    FormatRefused,
    Refused,
    Unparseable,
)
from llm.exchange import Answer, Prompt, Reply
from llm.ladder import body_for, is_format_refused, request_digest, rungs_for
from llm.ledger import Question, reject
from llm.models import Call, Endpoint
from llm.parsing import Malformed, check_storable, read_json, why_invalid
from llm.protocols.registry import spoken_by
from llm.protocols.schemas import Schema
from llm.room import TRUNCATED, is_more_left, with_room
from work.claims import Claim

__all__ = ["Answer", "Prompt", "ask", "reject"]

UNKEPT = ("messages", "input", "instructions", "model", "response_format", "text")
"""Of what is sent: in the ledger it stands elsewhere or not at all."""


def ask(
    *,
    endpoint: Endpoint,
    prompt: Prompt,
    schema: Schema | None,
    claim: Claim | None,
    scope: str,
    subject: UUID | None,
) -> Answer:
    """Ask a model, or the baseline, and return an answer that follows `schema` if one is given.

    Must be called outside any transaction: it commits before the request leaves. Within one job
    ask one question after the other. A body that an earlier attempt of the job paid for is used
    before a new question is sent; so is, where the same answer is meant to come whenever it is
    asked (temperature 0, or a seed), what another job of the study got to the very same question.
    An answer that was cut short by its token limit is asked for with a larger one.
    If a valid answer turns out to be unusable after all, call `reject(answer.call_id)`, or the
    next attempt will meet the same answer again.

    Raises `HeldBack` if nothing may leave now, else `CallFailed`, `EndpointBroken`, `Unparseable`,
    `Refused` (see `llm.errors`), and `LateClaim` if the job has another holder meanwhile.
    """
    if endpoint.protocol == Endpoint.Protocol.EMBEDDINGS:
        raise EndpointBroken("bad_request", f"the endpoint {endpoint.name} makes vectors only")
    digest = request_digest(endpoint, prompt, schema)
    question = Question(endpoint, prompt, claim, scope, subject, digest, schema)
    if endpoint.is_baseline:
        return _solve(question, schema)
    return _answer_paid_for(question, schema) or _climb_down(with_room(question), schema)


def _answer_paid_for(question: Question, schema: Schema | None) -> Answer | None:
    """From a body that is there: this job's own of an earlier attempt, or of another job."""
    while (captured := ledger.adopt(question)) is not None:
        try:
            return _interpret(question, schema, captured, _reply_kept(captured))
        except Unparseable:
            continue
    while (found := reuse(question)) is not None:
        try:
            return _interpret_reused(question, schema, *found)
        except Unparseable:
            continue
    return None


def _climb_down(question: Question, schema: Schema | None) -> Answer:
    """Ask on each rung until the server takes one, and remember which one that was."""
    endpoint = question.endpoint
    for rung in rungs_for(endpoint, schema):
        try:
            answer = _ask_on(question, schema, rung)
        except FormatRefused:
            continue
        _remember(endpoint, schema, rung)
        return answer
    raise EndpointBroken("bad_request", "the server refused every format")


def _remember(endpoint: Endpoint, schema: Schema | None, rung: Endpoint.Structured) -> None:
    if schema is not None and endpoint.structured != rung:
        remember_structured(endpoint, rung)


def _ask_on(question: Question, schema: Schema | None, rung: Endpoint.Structured) -> Answer:
    body = body_for(question.endpoint, question.prompt, schema, rung)
    shaping = {name: value for name, value in body.items() if name not in UNKEPT}
    shaping["structured"] = rung.value if schema else None
    asked = _put(question, body, shaping)
    try:
        return _read(question, schema, asked, rung)
    finally:
        asking.ended(asked, question)


def _put(question: Question, body: dict[str, Any], shaping: dict[str, Any]) -> asking.Asked:
    try:
        return asking.put(question, spoken_by(question.endpoint).PATH, body, shaping)
    except Unparseable as problem:
        _place(problem, question, problem.call_id)
        raise


def _read(
    question: Question, schema: Schema | None, asked: asking.Asked, rung: Endpoint.Structured
) -> Answer:
    call, reply, problem = asked.call, asked.reply, asked.problem
    if is_format_refused(reply, rung):
        ledger.conclude(call, Call.State.ERROR, "format_refused")
        raise FormatRefused
    if problem is not None:
        ledger.conclude(call, Call.State.ERROR, problem.outcome)
        raise problem
    return _interpret(question, schema, call, reply)


def _interpret(question: Question, schema: Schema | None, call: Call, reply: Reply) -> Answer:
    """Make an answer of a captured body, and say in the ledger whether that was possible."""
    try:
        envelope = spoken_by(question.endpoint).opened(reply)
        ledger.settle(question, call, envelope)
        text = text_in(envelope)
        value = _value(text, schema)
    except Refused as refusal:
        ledger.conclude(call, Call.State.OK, "refused")
        refusal.call_id = call.pk
        raise
    except Unparseable as problem:
        ledger.conclude(call, Call.State.ERROR, problem.outcome)
        _place(problem, question, call.pk)
        if problem.outcome == TRUNCATED and not is_more_left(question, call.params):
            problem.is_final = True
        raise
    ledger.conclude(call, Call.State.OK, "ok")
    return _answer(call, text, value)


def _interpret_reused(
    question: Question, schema: Schema | None, earlier: Call, call: Call
) -> Answer:
    """The same from another job's body; one that cannot be read any more serves nobody."""
    try:
        text = text_in(spoken_by(question.endpoint).opened(_reply_kept(earlier)))
        value = _value(text, schema)
    except Refused as refusal:
        ledger.conclude(call, Call.State.OK, "refused")
        refusal.call_id = call.pk
        raise
    except Unparseable as problem:
        ledger.conclude(call, Call.State.ERROR, problem.outcome)
        reject(earlier.pk, problem.outcome)
        raise
    ledger.conclude(call, Call.State.OK, "ok")
    return _answer(call, text, value)


def _value(text: str, schema: Schema | None) -> Any:
    """The JSON in `text`, valid by the schema; without one, only that it can be stored."""
    try:
        if schema is None:
            return check_storable(text)
        value = read_json(text)
    except Malformed as problem:
        raise Unparseable("malformed", str(problem), raw=text) from None
    complaint = why_invalid(value, schema)
    if complaint:
        raise Unparseable("invalid_value", complaint, raw=text)
    return value


def _place(problem: Unparseable, question: Question, call_id: UUID | None) -> None:
    """Tell the asker which call it was and whether asking again is worth it."""
    problem.call_id = call_id
    problem.is_final = problem.is_final or ledger.is_last_chance(question.claim, MAY_BE_ASKED_AGAIN)


def _answer(call: Call, text: str, value: Any) -> Answer:
    return Answer(
        call_id=call.pk,
        text=text,
        value=value,
        model=call.model_answered,
        prompt_tokens=call.prompt_tokens or 0,
        completion_tokens=call.completion_tokens or 0,
        cost=call.cost,
        latency_ms=call.latency_ms or 0,
    )


def _reply_kept(call: Call) -> Reply:
    return Reply(status=call.http_status or 0, body=call.raw_response)


def _solve(question: Question, schema: Schema | None) -> Answer:
    """Let the baseline answer, and enter that like any other call."""
    started = time.monotonic()
    solved = solver_for(question.prompt.task)(question.prompt.inputs)
    text = solved if isinstance(solved, str) else json.dumps(solved, ensure_ascii=False)
    latency_ms = round((time.monotonic() - started) * 1000)
    model = question.endpoint.model
    try:
        value = _value(text, schema)
    except Unparseable as problem:
        call = ledger.record_local(question, text, latency_ms, problem.outcome, model)
        problem.call_id, problem.is_final = call.pk, True
        raise
    return _answer(ledger.record_local(question, text, latency_ms, "ok", model), text, value)
