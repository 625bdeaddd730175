"""Vectors of texts, by an endpoint that makes them: asked, paced, paid and kept like any answer."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from llm import asking, ledger
from llm.actions.reusing import reuse
from llm.errors import MAY_BE_ASKED_AGAIN, EndpointBroken, Unparseable
from llm.exchange import Prompt, Reply
from llm.ladder import request_digest
from llm.ledger import Question
from llm.models import Call, Endpoint
from llm.protocols import embeddings
from llm.protocols.embeddings import Vector, vectors_in
from work.claims import Claim

TASK = "embedding"
TEXTS_AT_ONCE = 32
"""Vectors of 3,072 numbers in JSON stay below the two megabytes that are read of an answer."""
CHARACTERS_AT_ONCE = 100_000


def embed(
    *,
    endpoint: Endpoint,
    texts: Sequence[str],
    claim: Claim | None,
    scope: str,
    subject: UUID | None,
) -> list[Vector]:
    """A vector for each text, all of one length, in their order.

    Must be called outside any transaction: it commits before the texts leave. What was paid for
    once for the very same texts of the study and the subject is used again. Raises what
    `gateway.ask` raises, and `EndpointBroken` if the endpoint makes no vectors; ValueError for a
    text with nothing in it.
    """
    if endpoint.protocol != Endpoint.Protocol.EMBEDDINGS:
        raise EndpointBroken("bad_request", f"the endpoint {endpoint.name} makes no embeddings")
    if not all(text.strip() for text in texts):
        raise ValueError("A text to be embedded is empty.")
    vectors: list[Vector] = []
    for prompt in prompts_for(texts):
        digest = request_digest(endpoint, prompt, None)
        vectors += _vectors_of(Question(endpoint, prompt, claim, scope, subject, digest))
    if len({len(vector) for vector in vectors}) > 1:
        raise Unparseable("invalid_value", "the vectors differ in length", is_final=True)
    return vectors


def prompts_for(texts: Sequence[str]) -> Iterator[Prompt]:
    """The questions that have these texts embedded: a batch each, one message per text."""
    for batch in _batches(texts):
        yield Prompt(TASK, [{"role": "user", "content": text} for text in batch])


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Runs of texts that are few and short enough together; one too long by itself stands alone."""
    batch: list[str] = []
    length = 0
    for text in texts:
        if batch and (len(batch) == TEXTS_AT_ONCE or length + len(text) > CHARACTERS_AT_ONCE):
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    if batch:
        yield batch


def _vectors_of(question: Question) -> list[Vector]:
    return _paid_for(question) or _asked_for(question)


def _paid_for(question: Question) -> list[Vector] | None:
    """From a body that is there: this job's own of an earlier attempt, or of another job."""
    while (captured := ledger.adopt(question)) is not None:
        try:
            return _interpret(question, captured, _reply_kept(captured))
        except Unparseable:
            continue
    while (found := reuse(question)) is not None:
        earlier, call = found
        try:
            vectors = vectors_in(_reply_kept(earlier), len(question.prompt.messages))
        except Unparseable as problem:
            ledger.conclude(call, Call.State.ERROR, problem.outcome)
            ledger.reject(earlier.pk, problem.outcome)
            continue
        ledger.conclude(call, Call.State.OK, "ok")
        return vectors
    return None


def _asked_for(question: Question) -> list[Vector]:
    endpoint, prompt = question.endpoint, question.prompt
    body = embeddings.body_of(endpoint, prompt, None, Endpoint.Structured.PROMPT)
    asked = asking.put(question, embeddings.PATH, body, embeddings.params_of(endpoint, prompt))
    try:
        if asked.problem is not None:
            ledger.conclude(asked.call, Call.State.ERROR, asked.problem.outcome)
            raise asked.problem
        return _interpret(question, asked.call, asked.reply)
    finally:
        asking.ended(asked, question)


def _interpret(question: Question, call: Call, reply: Reply) -> list[Vector]:
    """Read a captured body, and say in the ledger whether that was possible."""
    try:
        ledger.settle(question, call, embeddings.opened(reply))
        vectors = vectors_in(reply, len(question.prompt.messages))
    except Unparseable as problem:
        ledger.conclude(call, Call.State.ERROR, problem.outcome)
        problem.call_id = call.pk
        problem.is_final |= ledger.is_last_chance(question.claim, MAY_BE_ASKED_AGAIN)
        raise
    ledger.conclude(call, Call.State.OK, "ok")
    return vectors


def _reply_kept(call: Call) -> Reply:
    return Reply(status=call.http_status or 0, body=call.raw_response)
