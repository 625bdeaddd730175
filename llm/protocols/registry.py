"""Which module speaks which protocol. A further one is a copy of a neighbour and a line here."""

from typing import Any, Protocol

from llm.envelope import Envelope, object_in
from llm.errors import Unparseable
from llm.exchange import Prompt, Reply
from llm.models import Endpoint
from llm.protocols import chat, embeddings, responses
from llm.protocols.schemas import Schema


class Spoken(Protocol):
    """What a module of this package offers."""

    @property
    def PATH(self) -> str:  # noqa: N802
        """Below the endpoint's address."""

    def params_of(self, endpoint: Endpoint, prompt: Prompt) -> dict[str, Any]:
        """What shapes the answer, as it is sent."""

    def body_of(
        self, endpoint: Endpoint, prompt: Prompt, schema: Schema | None, rung: Endpoint.Structured
    ) -> dict[str, Any]:
        """What is sent, asking for a typed answer in the way of the rung."""

    def opened(self, reply: Reply) -> Envelope:
        """What came, read; raises `Unparseable`."""

    def counts_in(self, body: dict[str, Any]) -> tuple[int | None, int | None]:
        """The tokens that the server counts: of the question, of the answer."""


PROTOCOLS: dict[str, Spoken] = {
    Endpoint.Protocol.CHAT: chat,
    Endpoint.Protocol.RESPONSES: responses,
    Endpoint.Protocol.EMBEDDINGS: embeddings,
    # Rules in our own process are asked in the same words, and none leaves.
    Endpoint.Protocol.BASELINE: chat,
}


def spoken_by(endpoint: Endpoint) -> Spoken:
    """The module that speaks an endpoint's protocol."""
    return PROTOCOLS[endpoint.protocol]


def counted_by(endpoint: Endpoint, reply: Reply) -> tuple[int, int] | None:
    """The tokens of an answer, whatever else is wrong with it; None where the server says none."""
    try:
        sent, received = spoken_by(endpoint).counts_in(object_in(reply))
    except Unparseable:
        return None
    return None if sent is None or received is None else (sent, received)
