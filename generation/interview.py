"""The questions of one job, asked one after the other, each as if it were the only one.

Before each it is looked whether the person's words may go there now. A worker that takes the job
over asks the same again and is given the answers that were paid for (`llm.ledger.adopt`).
"""

from collections.abc import Sequence
from typing import Any

from generation.allowed import check_allowed
from generation.asking import answered, embedded
from generation.models import Profile
from generation.profiles import Portrait, profile_for
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.models import Endpoint
from work.claims import Claim


class Interview:
    """What a strategy asks of models on behalf of a job."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def ask(
        self, endpoint: Endpoint, question: Question, schema: dict[str, Any] | None = None
    ) -> Answer:
        """The answer. Raises what `generation.asking.ask` raises, and `Gone`."""
        check_allowed(self.claim.subject, endpoint)
        return answered(endpoint, question, schema, self.claim)

    def embed(
        self, endpoint: Endpoint, texts: Sequence[str], *, alike: Sequence[str] = ()
    ) -> list[list[float]]:
        """A vector for each text, in their order.

        `alike` names what of its payload decides on the texts: jobs about one person that are equal
        in it are served by the same vectors.
        """
        check_allowed(self.claim.subject, endpoint)
        return embedded(endpoint, texts, self.claim)

    def profile(self, endpoint: Endpoint, portrait: Portrait) -> Profile:
        """The summary of the person, written by a job of its own; raises `RetryLater` till then."""
        check_allowed(self.claim.subject, endpoint)
        return profile_for(self.claim, endpoint, portrait)
