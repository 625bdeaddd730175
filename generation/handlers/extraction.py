"""What an extraction job does: ask what a conversation tells of its person, keep what is quoted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from generation import extraction
from generation.actions.attributes import record_attributes
from generation.allowed import check_allowed
from generation.asking import ask, given_up, insist
from generation.handlers.rows import conversation_of, endpoint_of
from generation.handlers.settling import settled
from generation.provenance import author_of, provenance_of
from llm.errors import Unparseable
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.models import Endpoint
from llm.parsing import read_json
from work.claims import Claim
from work.queue import finishing


@dataclass(frozen=True)
class Proposed:
    """An answer to the question for attributes, and where it came from."""

    value: Any
    call_id: UUID | None
    provenance: dict[str, Any]
    answer: Answer | None = None
    """None where it broke its schema for the last time."""


@settled
def extract(claim: Claim) -> None:
    """Ask what a conversation tells about its person; keep what the model can quote."""
    endpoint, conversation = endpoint_of(claim), conversation_of(claim)
    check_allowed(conversation.participant_id, endpoint)
    turns = conversation.turns_at()
    question = extraction.prompt_for(turns)
    proposed = _proposed(endpoint, question, claim)
    accepted, refused = extraction.accept(proposed.value, turns)
    if proposed.answer and not accepted and "quote_not_found" in refused:
        insist(endpoint, proposed.answer, claim, "none of its quotes stands in the conversation")
    counts = {"attributes": len(accepted), "refused": refused, "call": str(proposed.call_id)}
    with finishing(claim, value=counts):
        record_attributes(
            conversation=conversation,
            author=author_of(endpoint.model),
            accepted=accepted,
            provenance=proposed.provenance,
            call_id=proposed.call_id,
        )


def _proposed(endpoint: Endpoint, question: Question, claim: Claim) -> Proposed:
    try:
        answer = ask(endpoint, question, extraction.schema(), claim)
    except Unparseable as problem:
        kept = {"endpoint": endpoint.name, "prompt_version": question.version}
        return Proposed(_salvaged(problem), problem.call_id, kept)
    provenance = provenance_of(endpoint, question, answer)
    return Proposed(answer.value, answer.call_id, provenance, answer)


def _salvaged(problem: Unparseable) -> Any:
    """The JSON of an answer that breaks its schema: each attribute in it stands on its own."""
    if problem.outcome != "invalid_value":
        raise given_up(problem)
    value = read_json(problem.raw)
    if not extraction.holds_a_list(value):
        raise given_up(problem)
    return value
