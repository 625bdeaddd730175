"""What the jobs of the three stages do: ids in, ask, keep what came of it.

Consent is looked at again when a job begins: it may have been withdrawn since it was planned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from collection.models import Conversation
from generation import extraction, relevance, responses
from generation.actions.attributes import record_attributes
from generation.actions.responses import record_response
from generation.actions.selections import Choice, record_selections
from generation.asking import ask, insist
from generation.models import Attribute, Prompt
from generation.planning import may_be_sent
from generation.provenance import LONGEST_NAME, author_of, provenance_of
from generation.strategies.registry import STRATEGIES
from llm.errors import Refused, Unparseable
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.models import Endpoint
from llm.parsing import read_json
from work.claims import Claim
from work.errors import GiveUp
from work.queue import finishing


@dataclass(frozen=True)
class Proposed:
    """An answer to the question for attributes, and where it came from."""

    value: Any
    call_id: UUID | None
    provenance: dict[str, Any]


class Gone(Exception):
    """What the job was about was removed, or may no longer be sent there; `outcome` says which."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def _settled(act: Callable[[Claim], None]) -> Callable[[Claim], None]:
    """Finish the job, with nothing recorded but why, where there is nothing to record."""

    @wraps(act)
    def handler(claim: Claim) -> None:
        try:
            act(claim)
        except Gone as reason:
            with finishing(claim, reason.outcome):
                pass
        except Refused as refusal:
            with finishing(claim, refusal.outcome, {"call": str(refusal.call_id)}):
                pass

    return handler


@_settled
def extract(claim: Claim) -> None:
    """Ask what a conversation tells about its person; keep what the model can quote."""
    endpoint, conversation = _endpoint(claim), _conversation(claim)
    _check_allowed(conversation.participant_id, endpoint)
    turns = conversation.turns_at()
    question = extraction.prompt_for(turns)
    proposed = _proposed(endpoint, question, claim)
    accepted, refused = extraction.accept(proposed.value, turns)
    counts = {"attributes": len(accepted), "refused": refused, "call": str(proposed.call_id)}
    with finishing(claim, value=counts):
        record_attributes(
            conversation=conversation,
            author=author_of(endpoint.model),
            accepted=accepted,
            provenance=proposed.provenance,
            call_id=proposed.call_id,
        )


@_settled
def select(claim: Claim) -> None:
    """Ask which attributes matter for a prompt; keep each decision as a selection."""
    endpoint, prompt, attributes = _endpoint(claim), _prompt(claim), _attributes(claim)
    _check_allowed(claim.subject, endpoint)
    question = relevance.prompt_for(prompt, attributes)
    answer = _answer(endpoint, question, relevance.schema(len(attributes)), claim)
    decisions = _decisions(endpoint, answer, attributes, claim)
    counts = {"selected": sum(decisions.values()), "of": len(decisions)}
    with finishing(claim, value={**counts, "call": str(answer.call_id)}):
        record_selections(
            study=prompt.study,
            source=author_of(endpoint.model),
            choices=[Choice(prompt.pk, pk, value) for pk, value in decisions.items()],
            provenance=provenance_of(endpoint, question, answer),
        )


@_settled
def respond(claim: Claim) -> None:
    """Ask for a response under a strategy; keep it with what was given."""
    endpoint, prompt, attributes = _endpoint(claim), _prompt(claim), _attributes(claim)
    _check_allowed(claim.subject, endpoint)
    strategy = STRATEGIES[claim.payload["strategy"]]
    question = responses.prompt_for(prompt, strategy, attributes)
    answer = _answer(endpoint, question, None, claim)
    with finishing(claim, value={"call": str(answer.call_id), "length": len(answer.text)}):
        record_response(
            prompt=prompt,
            participant_id=claim.subject,
            strategy=strategy.name,
            model=endpoint.model[:LONGEST_NAME],
            text=answer.text,
            given=attributes,
            provenance=provenance_of(endpoint, question, answer),
            call_id=answer.call_id,
        )


# -- Asking --------------------------------------------------------------------


def _proposed(endpoint: Endpoint, question: Question, claim: Claim) -> Proposed:
    try:
        answer = ask(endpoint, question, extraction.schema(), claim)
    except Unparseable as problem:
        kept = {"endpoint": endpoint.name, "prompt_version": question.version}
        return Proposed(_salvaged(problem), problem.call_id, kept)
    return Proposed(answer.value, answer.call_id, provenance_of(endpoint, question, answer))


def _salvaged(problem: Unparseable) -> Any:
    """The JSON of an answer that breaks its schema: each attribute in it stands on its own."""
    if problem.outcome != "invalid_value":
        raise _given_up(problem)
    value = read_json(problem.raw)
    if not extraction.holds_a_list(value):
        raise _given_up(problem)
    return value


def _given_up(problem: Unparseable) -> GiveUp:
    return GiveUp(f"{problem.outcome}: the answer could not be read, however often it was asked")


def _decisions(
    endpoint: Endpoint, answer: Answer, attributes: Sequence[Attribute], claim: Claim
) -> dict[UUID, bool]:
    try:
        return relevance.read_decisions(answer.value, attributes)
    except relevance.InvalidDecisions as problem:
        insist(endpoint, answer, claim, str(problem))
        raise GiveUp(f"invalid_value: {problem}") from problem


def _answer(
    endpoint: Endpoint, question: Question, schema: dict[str, Any] | None, claim: Claim
) -> Answer:
    try:
        return ask(endpoint, question, schema, claim)
    except Unparseable as problem:
        raise _given_up(problem) from problem


# -- What the ids stand for ----------------------------------------------------


def _conversation(claim: Claim) -> Conversation:
    conversation = Conversation.objects.filter(pk=claim.payload["conversation"]).first()
    if conversation is None:
        raise Gone("gone")
    return conversation


def _endpoint(claim: Claim) -> Endpoint:
    endpoint = Endpoint.objects.get(pk=claim.payload["endpoint"])
    if not endpoint.is_active:
        raise GiveUp(f"The endpoint {endpoint.name} is switched off.")
    return endpoint


def _prompt(claim: Claim) -> Prompt:
    prompt = Prompt.objects.select_related("study").filter(pk=claim.payload["prompt"]).first()
    if prompt is None:
        raise Gone("gone")
    return prompt


def _attributes(claim: Claim) -> Sequence[Attribute]:
    """Those of the plan in its order. One that was removed or forgotten changes the question."""
    wanted = claim.payload["attributes"]
    rows = {str(row.pk): row for row in Attribute.objects.remembered().filter(pk__in=wanted)}
    if len(rows) != len(wanted):
        raise Gone("gone")
    return [rows[pk] for pk in wanted]


def _check_allowed(participant: UUID | None, endpoint: Endpoint) -> None:
    if not may_be_sent(participant, endpoint):
        raise Gone("not_allowed")
