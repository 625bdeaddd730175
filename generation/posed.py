"""A question together with whom it is put to."""

from collections.abc import Iterable
from dataclasses import dataclass

from llm.exchange import Prompt
from llm.models import Endpoint


@dataclass(frozen=True)
class Posed:
    """What a job asks; of its own endpoint where none is named."""

    question: Prompt
    endpoint: Endpoint | None = None


def put_to(endpoint: Endpoint | None, questions: Iterable[Prompt]) -> list[Posed]:
    """These questions to one endpoint; None: the job's own."""
    return [Posed(question, endpoint) for question in questions]
