"""What a relevance job does: ask which attributes matter for a prompt, keep each decision."""

from collections.abc import Sequence
from uuid import UUID

from generation import relevance
from generation.actions.selections import Choice, record_selections
from generation.allowed import check_allowed
from generation.asking import answered, insist
from generation.handlers.rows import attributes_of, endpoint_of, prompt_of
from generation.handlers.settling import settled
from generation.models import Attribute
from generation.provenance import author_of, provenance_of
from llm.exchange import Answer
from llm.models import Endpoint
from work.claims import Claim
from work.errors import GiveUp
from work.queue import finishing


@settled
def select(claim: Claim) -> None:
    """Ask which attributes matter for a prompt; keep each decision as a selection."""
    endpoint, prompt, attributes = endpoint_of(claim), prompt_of(claim), attributes_of(claim)
    check_allowed(claim.subject, endpoint)
    question = relevance.prompt_for(prompt, attributes)
    answer = answered(endpoint, question, relevance.schema(len(attributes)), claim)
    decisions = _decisions(endpoint, answer, attributes, claim)
    counts = {"selected": sum(decisions.values()), "of": len(decisions)}
    with finishing(claim, value={**counts, "call": str(answer.call_id)}):
        record_selections(
            study=prompt.study,
            source=author_of(endpoint.model),
            choices=[Choice(prompt.pk, pk, value) for pk, value in decisions.items()],
            provenance=provenance_of(endpoint, question, answer),
        )


def _decisions(
    endpoint: Endpoint, answer: Answer, attributes: Sequence[Attribute], claim: Claim
) -> dict[UUID, bool]:
    try:
        return relevance.read_decisions(answer.value, attributes)
    except relevance.InvalidDecisions as problem:
        insist(endpoint, answer, claim, str(problem))
        raise GiveUp(f"invalid_value: {problem}") from problem
