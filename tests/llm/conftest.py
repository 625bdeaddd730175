"""A server that speaks the protocol, an endpoint that points to it, and a job that asks."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from bench.fakellm.server import FakeLlm
from llm import client, ledger
from llm.actions.endpoints import ensure_endpoint
from llm.exchange import Answer, Prompt
from llm.gateway import ask
from llm.models import Call, Endpoint
from work import queue, registry
from work.claims import Claim
from work.models import Job

SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5}},
    "required": ["score"],
    "additionalProperties": False,
}
Ask = Callable[..., Answer]


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    """Answers `{"score": 3}` unless told otherwise."""
    with FakeLlm(lambda _request: {"score": 3}) as fake:
        yield fake
    client.close_clients()


@pytest.fixture
def endpoint(server: FakeLlm) -> Endpoint:
    """The way to the server."""
    return ensure_endpoint(
        name="fake", base_url=server.url, model="fake-model", key_name="LLM_API_KEY", timeout=30
    )


@pytest.fixture
def asked(endpoint: Endpoint) -> Ask:
    """Ask the server for a score."""

    def ask_it(content: str = "How good?", claim: Claim | None = None, **fields: object) -> Answer:
        prompt = Prompt("judge", [{"role": "user", "content": content}], version="v1", seed=1)
        given: dict[str, object] = {
            "schema": SCHEMA,
            "scope": "study:alps",
            "subject": None,
            "prompt": prompt,
        }
        given["endpoint"] = endpoint
        return ask(claim=claim, **(given | fields))  # type: ignore[arg-type]

    return ask_it


@pytest.fixture
def claim(monkeypatch: pytest.MonkeyPatch) -> Claim:
    """A job just claimed, with the ledger told of every claim to come."""
    monkeypatch.setattr(registry, "_handlers", {})
    monkeypatch.setattr(registry, "_claim_hooks", [ledger.on_claim])
    monkeypatch.setattr(registry, "_late_hooks", [ledger.on_late])
    queue.enqueue(kind="judge", key={"n": 1}, payload={}, scope="study:alps")
    return claimed()


def claimed() -> Claim:
    """A claim that must be there."""
    claim = queue.claim("w1")
    assert claim is not None
    return claim


def claimed_again() -> Claim:
    """Claim the leased job once more, as if its worker had vanished."""
    Job.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))
    return claimed()


def recorded() -> list[tuple[str, str]]:
    """State and outcome of every call in the ledger, in order."""
    return list(
        Call.objects.order_by("attempt", "number", "started_at").values_list("state", "outcome")
    )
