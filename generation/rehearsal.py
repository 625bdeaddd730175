"""A job's questions rendered without asking them, by the code that asks.

What depends on an answer that nobody has yet is rendered from a stand-in of usual length.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from generation.handlers.responses import asked_by
from generation.interview import Interview
from generation.models import Profile, Prompt
from generation.posed import Posed, put_to
from generation.profiles import Portrait, found_profile, question_for
from llm.embedding import prompts_for
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.ledger import CHARACTERS_PER_TOKEN
from llm.models import Endpoint
from work.claims import Claim
from work.models import Job

USUAL_TOKENS = 500
"""Of an answer that stands in a later question."""
STAND_IN = ("word " * (USUAL_TOKENS * CHARACTERS_PER_TOKEN // 5)).strip()
NOBODY = UUID(int=0)


class Rehearsal(Interview):
    """An interview in which nobody answers; it keeps what it was asked."""

    def __init__(self, claim: Claim, prompt: Prompt) -> None:
        super().__init__(claim)
        self.prompt = prompt
        self.asked: list[Posed] = []

    def ask(
        self, endpoint: Endpoint, question: Question, schema: dict[str, Any] | None = None
    ) -> Answer:
        """A stand-in that the schema allows."""
        self.asked.append(Posed(question, schema, endpoint))
        value = None if schema is None else least(schema)
        return Answer(NOBODY, STAND_IN, value, endpoint.model, 0, 0, None, 0)

    def embed(
        self, endpoint: Endpoint, texts: Sequence[str], *, alike: Sequence[str] = ()
    ) -> list[list[float]]:
        """Vectors that are all alike; counted with the first job of the run that asks for them."""
        if self._is_first_to_embed(endpoint, alike):
            self.asked += put_to(endpoint, prompts_for(texts))
        return [[1.0] for _ in texts]

    def _is_first_to_embed(self, endpoint: Endpoint, alike: Sequence[str]) -> bool:
        claim = self.claim
        if not alike or not endpoint.reuse_days or claim.run_id is None:
            return True
        own = Job.objects.filter(run=claim.run_id, kind=claim.kind, subject=claim.subject)
        wanted = [claim.payload.get(name) for name in alike]
        for pk, payload in own.order_by("idem_key").values_list("pk", "payload").iterator():
            asks = str(endpoint.pk) in payload.get("endpoints", {}).values()
            if asks and [payload.get(name) for name in alike] == wanted:
                return pk == claim.job_id
        return True

    def profile(self, endpoint: Endpoint, portrait: Portrait) -> Profile:
        """A stand-in; its question counts once per person, with their first prompt."""
        found = found_profile(portrait, endpoint)
        if found is None and self._is_first(portrait):
            self.asked.append(Posed(question_for(portrait), None, endpoint))
        return found or Profile(participant_id=portrait.participant, text=STAND_IN)

    def _is_first(self, portrait: Portrait) -> bool:
        prompts = self.prompt.study.prompts.exclude(text="").order_by("ref")
        own = prompts.filter(participant=portrait.participant).values_list("pk", flat=True)
        pool = prompts.filter(participant__isnull=True).values_list("pk", flat=True)
        return self.prompt.pk == (own.first() or pool.first())


def questions_of_response(claim: Claim) -> list[Posed]:
    """All that a response job would ask, in order, and whom; raises `Gone`."""
    strategy, case, given = asked_by(claim)
    rehearsal = Rehearsal(claim, case.prompt)
    strategy.ask(case, given, rehearsal)
    return rehearsal.asked


def least(schema: dict[str, Any]) -> Any:
    """The smallest value of a schema of objects and bounded numbers."""
    if schema["type"] == "object":
        return {name: least(schema["properties"][name]) for name in schema["required"]}
    return schema["minimum"]
