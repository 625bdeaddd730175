"""A question together with whom it is put to."""

from collections.abc import Iterable
from dataclasses import dataclass

from llm.exchange import Prompt, length_of
from llm.models import Endpoint
from llm.protocols.schemas import Schema


@dataclass(frozen=True)
class Posed:
    """What a job asks, with the schema of the answer; of its own endpoint where none is named."""

    question: Prompt
    schema: Schema | None
    endpoint: Endpoint | None = None

    @property
    def length(self) -> int:
        """Of what is sent to be read, in characters."""
        return length_of(self.question, self.schema)


def put_to(endpoint: Endpoint, questions: Iterable[Prompt]) -> list[Posed]:
    """These questions to one endpoint, whose answers follow no schema."""
    return [Posed(question, None, endpoint) for question in questions]
