"""How a job ends that has nothing to record."""

from collections.abc import Callable
from functools import wraps

from generation.allowed import Gone
from llm.errors import Refused
from work.claims import Claim
from work.queue import finishing


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
