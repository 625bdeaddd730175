"""What a strategy is: what the generator of a response is given, and how it is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from collection.models import Turn
from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.models import Attribute, Profile, Prompt
from llm.exchange import Answer
from llm.exchange import Prompt as Question
from llm.models import Endpoint


class Need(StrEnum):
    """What a strategy cannot do without, in the words that say that it is missing."""

    PERSON = "a person to answer for"
    ATTRIBUTES = "something known about the person"
    PREFERENCES = "a preference that the person stated"
    SELECTIONS = "a decision on which attributes matter for the prompt"
    TURNS = "a conversation that the person shared"
    EMBEDDINGS = "an endpoint for embeddings, named by `embeddings`"


class Parameters(BaseModel):
    """What a study document may set of a strategy; nothing unless a subclass says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    embeds: ClassVar[bool] = False
    """Whether the endpoints that it names give vectors, and not answers."""

    def needs(self) -> frozenset[Need]:
        """What it needs because of how it is set."""
        return frozenset()

    def endpoints(self) -> tuple[str, ...]:
        """The names of the endpoints that it asks besides the one that answers."""
        return ()


@dataclass(frozen=True)
class Given:
    """The rows that a response may be made from, and nothing else may be."""

    attributes: Sequence[Attribute] = ()
    turns: Sequence[Turn] = ()


@dataclass(frozen=True)
class Case:
    """What is answered: a prompt, for whom, by which model, with which parameters.

    `others` are further endpoints by the names that the parameters give them.
    """

    prompt: Prompt
    person: UUID | None
    endpoint: Endpoint
    parameters: Any = field(default_factory=Parameters)
    others: Mapping[str, Endpoint] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A response, the question it answers, and what its generator was given in the end."""

    text: str
    endpoint: Endpoint
    question: Question
    answer: Answer
    given: Given
    profile: Profile | None = None
    steps: Mapping[str, Any] = field(default_factory=dict)
    """What came before, for the provenance: ids of calls, scores, weights; never a text."""


FindGiven = Callable[[Case, Knowledge], Given | None]
"""What is given for a case; None: what the strategy needs is not there, so there is no job."""

Ask = Callable[[Case, Given, Interview], Written]
"""Ask what has to be asked, one question after the other. The rows given are the job's own."""


@dataclass(frozen=True)
class Strategy:
    """One way of personalizing a response. `name` is stored with every response."""

    name: str
    prompt_files: tuple[str, ...]
    """Of all its questions, the last being the one that the response answers."""
    given: FindGiven
    ask: Ask
    needs: frozenset[Need] = frozenset()
    parameters: type[Parameters] = Parameters
