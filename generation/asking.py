"""How a handler asks a model: what is worth another attempt, and what is the last word."""

from collections.abc import Sequence
from typing import Any

from llm import gateway, ledger
from llm.embedding import embed
from llm.errors import MAY_BE_ASKED_AGAIN, Unparseable
from llm.exchange import Answer, Prompt
from llm.models import Endpoint
from llm.room import TRUNCATED
from work.claims import Claim
from work.errors import GiveUp, RetryLater


def ask(endpoint: Endpoint, prompt: Prompt, schema: dict[str, Any] | None, claim: Claim) -> Answer:
    """The answer to a job's question.

    Raises `Unparseable` once the job has had its share of repeated questions, `Refused`, and the
    errors that send the job back to the queue.
    """
    try:
        return gateway.ask(
            endpoint=endpoint,
            prompt=prompt,
            schema=schema,
            claim=claim,
            scope=claim.scope,
            subject=claim.subject,
        )
    except Unparseable as problem:
        if problem.is_final:
            raise
        raise RetryLater(f"{problem.outcome}: the answer could not be read") from problem


def insist(endpoint: Endpoint, answer: Answer, claim: Claim, reason: str) -> None:
    """Reject an answer that is no answer; raise `RetryLater` if it may be asked for again.

    Returns if this was the last time; rules answer the same again and are never asked twice.
    """
    if endpoint.is_baseline:
        return
    is_last = ledger.is_last_chance(claim, MAY_BE_ASKED_AGAIN - 1)
    gateway.reject(answer.call_id)
    if not is_last:
        raise RetryLater(f"invalid_value: {reason}")


def answered(
    endpoint: Endpoint, prompt: Prompt, schema: dict[str, Any] | None, claim: Claim
) -> Answer:
    """The answer to a question of the job; gives the job up where none can be read."""
    try:
        return ask(endpoint, prompt, schema, claim)
    except Unparseable as problem:
        raise given_up(problem) from problem


def embedded(endpoint: Endpoint, texts: Sequence[str], claim: Claim) -> list[list[float]]:
    """A vector for each text, in their order; gives the job up where none can be read."""
    try:
        return embed(
            endpoint=endpoint, texts=texts, claim=claim, scope=claim.scope, subject=claim.subject
        )
    except Unparseable as problem:
        if problem.is_final:
            raise given_up(problem) from problem
        raise RetryLater(f"{problem.outcome}: the vectors could not be read") from problem


def given_up(problem: Unparseable) -> GiveUp:
    """What a job ends with whose answers could not be read."""
    if problem.outcome == TRUNCATED:
        return GiveUp(f"{problem}, however long it may be; raise the endpoint's max_output_tokens")
    return GiveUp(f"{problem.outcome}: the answer could not be read, however often it was asked")
