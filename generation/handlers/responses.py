"""What a response job does: ask for a response under a strategy, keep it with what was given."""

from generation import responses
from generation.actions.responses import record_response
from generation.allowed import check_allowed
from generation.asking import answered
from generation.handlers.rows import attributes_of, endpoint_of, prompt_of
from generation.handlers.settling import settled
from generation.provenance import LONGEST_NAME, provenance_of
from generation.strategies.registry import STRATEGIES
from work.claims import Claim
from work.queue import finishing


@settled
def respond(claim: Claim) -> None:
    """Ask for a response under a strategy; keep it with what was given."""
    endpoint, prompt, attributes = endpoint_of(claim), prompt_of(claim), attributes_of(claim)
    check_allowed(claim.subject, endpoint)
    strategy = STRATEGIES[claim.payload["strategy"]]
    question = responses.prompt_for(prompt, strategy, attributes)
    answer = answered(endpoint, question, None, claim)
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
