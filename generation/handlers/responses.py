"""What a response job does: ask for a response under a strategy, keep it with what was given."""

from typing import Any

from generation.actions.responses import record_response
from generation.allowed import check_allowed
from generation.handlers.rows import (
    attributes_of,
    endpoint_by_id,
    endpoint_of,
    prompt_of,
    turns_of,
)
from generation.handlers.settling import settled
from generation.interview import Interview
from generation.provenance import LONGEST_NAME, provenance_of, spent_by
from generation.strategies.choosing import strategy_called
from generation.strategies.strategy import Case, Given, Strategy, Written
from work.claims import Claim
from work.queue import finishing


@settled
def respond(claim: Claim) -> None:
    """Ask all that the strategy asks, and keep the response."""
    check_allowed(claim.subject, endpoint_of(claim))
    strategy, case, given = asked_by(claim)
    written = strategy.ask(case, given, Interview(claim))
    provenance = _provenance(claim, written)
    value = {"call": str(written.answer.call_id), "length": len(written.text)}
    with finishing(claim, value=value):
        record_response(
            prompt=case.prompt,
            participant_id=claim.subject,
            strategy=claim.payload["strategy"],
            model=written.endpoint.model[:LONGEST_NAME],
            text=written.text,
            given=written.given.attributes,
            turns=written.given.turns,
            profile=written.profile,
            provenance=provenance,
            call_id=written.answer.call_id,
        )


def _provenance(claim: Claim, written: Written) -> dict[str, Any]:
    """Of the question that the response answers; tokens, cost and time are those of all."""
    set_to = claim.payload.get("strategy_parameters")
    return {
        **provenance_of(written.endpoint, written.question, written.answer),
        **spent_by(claim),
        **({"strategy_parameters": set_to} if set_to else {}),
        **written.steps,
    }


def asked_by(claim: Claim) -> tuple[Strategy, Case, Given]:
    """The strategy of a job, what it is to answer, and what it may be given."""
    strategy = strategy_called(claim.payload["strategy"])
    others = claim.payload.get("endpoints") or {}
    case = Case(
        prompt=prompt_of(claim),
        person=claim.subject,
        endpoint=endpoint_of(claim),
        parameters=strategy.parameters.model_validate(
            claim.payload.get("strategy_parameters") or {}
        ),
        others={name: endpoint_by_id(pk) for name, pk in others.items()},
    )
    return strategy, case, Given(attributes_of(claim), turns_of(claim))
