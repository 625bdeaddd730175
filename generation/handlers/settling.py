"""How a job ends that has nothing to record, and what is asked within one.

Consent is looked at again when a job begins: it may have been withdrawn since it was planned.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from generation.allowed import may_be_sent
from generation.asking import ask
from llm.errors import Refused, Unparseable
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.models import Endpoint
from work.claims import Claim
from work.errors import GiveUp
from work.queue import finishing


class Gone(Exception):
    """What the job was about was removed, or may no longer be sent there; `outcome` says which."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def settled(act: Callable[[Claim], None]) -> Callable[[Claim], None]:
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


def check_allowed(participant: UUID | None, endpoint: Endpoint) -> None:
    """Raise `Gone` unless the person's words may go there now."""
    if not may_be_sent(participant, endpoint):
        raise Gone("not_allowed")


def answered(
    endpoint: Endpoint, question: Question, schema: dict[str, Any] | None, claim: Claim
) -> Answer:
    """The answer to a question of the job; gives the job up where none can be read."""
    try:
        return ask(endpoint, question, schema, claim)
    except Unparseable as problem:
        raise given_up(problem) from problem


def given_up(problem: Unparseable) -> GiveUp:
    """What a job ends with whose answers could not be read."""
    return GiveUp(f"{problem.outcome}: the answer could not be read, however often it was asked")
