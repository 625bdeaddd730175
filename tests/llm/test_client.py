"""What leaves for a server, and that nothing else does."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm import client
from llm.errors import CallFailed
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask

AMBIENT = {
    "OPENAI_API_KEY": "sk-ambient",
    "OPENAI_ORG_ID": "org-ambient",
    "OPENAI_PROJECT_ID": "proj-ambient",
    "OPENAI_CUSTOM_HEADERS": "X-Secret: ambient\nAuthorization: Bearer ambient",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/ambient",
    "HTTP_PROXY": "http://127.0.0.1:1/ambient",
    "ALL_PROXY": "http://127.0.0.1:1/ambient",
}


@pytest.fixture
def _ambient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.django_db
@pytest.mark.usefixtures("_ambient")
def test_send_leaks_nothing_ambient(asked: Ask, server: FakeLlm) -> None:
    asked()

    sent = server.headers[0]
    assert "ambient" not in str(sent)
    assert (sent["authorization"], sent["user-agent"]) == ("Bearer none", "firsthand")
    assert sent.pop("x-client-request-id") == str(Call.objects.get().pk)
    assert not [name for name in sent if name.startswith(("x-", "openai"))]


@pytest.mark.django_db
def test_send_uses_the_key_of_its_endpoint(
    asked: Ask, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.LLM_KEYS, "LLM_API_KEY", "sk-invented")

    asked()

    assert server.headers[0]["authorization"] == "Bearer sk-invented"
    assert not Call.objects.filter(params__icontains="sk-invented").exists()


@pytest.mark.django_db
def test_send_does_not_follow_a_redirect(asked: Ask, server: FakeLlm) -> None:
    with FakeLlm() as elsewhere:
        server.script(Scripted(307, "", {"Location": f"{elsewhere.url}/chat/completions"}))

        with pytest.raises(Exception, match="redirect_refused"):
            asked("what a participant wrote")

        assert elsewhere.requests == []


@pytest.mark.django_db
def test_send_retries_nothing_by_itself(asked: Ask, server: FakeLlm) -> None:
    server.script(*[Scripted(503, "") for _ in range(5)])

    with pytest.raises(CallFailed):
        asked()

    assert len(server.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_send_shares_one_client_among_threads(
    asked: Ask, server: FakeLlm, endpoint: Endpoint
) -> None:
    answers: list[object] = []

    def ask_one(number: int) -> None:
        answers.append(asked(f"How good is {number}?").value)
        connections.close_all()

    team = [threading.Thread(target=ask_one, args=(number,)) for number in range(16)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()

    assert answers == [{"score": 3}] * 16
    assert len([name for name in client._clients if name[1].base_url == endpoint.base_url]) == 1
    assert server.billed == Call.objects.filter(state="ok").count() == 16


@pytest.mark.django_db
def test_send_adds_what_the_address_needs(asked: Ask, endpoint: Endpoint) -> None:
    endpoint.extra_query = {"api-version": "2024-10-21"}
    with raw_server(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as (url, heard):
        endpoint.base_url = url
        with pytest.raises(CallFailed, match="server"):
            asked()

    assert heard[0].startswith(b"POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1")


@pytest.mark.django_db
def test_send_shows_the_key_as_azure_takes_it(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.LLM_KEYS, "LLM_API_KEY", "sk-invented")
    endpoint.key_header = "api-key"

    asked()

    assert server.headers[0]["api-key"] == "sk-invented"
    assert "authorization" not in server.headers[0]


PHASES: dict[str, tuple[dict[str, int], Scripted]] = {
    "first byte": ({"first_byte_timeout": 1, "timeout": 60}, Scripted(delay=5.0)),
    "whole": ({"timeout": 1}, Scripted(200, completion("x" * 400), drip=0.01)),
    "lease": ({"timeout": 90}, Scripted(200, completion("x" * 400), drip=0.01)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PHASES)
def test_send_ends_what_takes_too_long(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    limits, reply = PHASES[name]
    monkeypatch.setattr(settings, "JOB_LEASE_SECONDS", 1 if name == "lease" else 150)
    for field, seconds in limits.items():
        setattr(endpoint, field, seconds)
    server.script(reply)

    with pytest.raises(CallFailed, match="timeout"):
        asked()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", b"HTTP/1.1 200 OK\r\n"]
)
def test_send_ends_what_falls_silent(asked: Ask, endpoint: Endpoint, head: bytes) -> None:
    endpoint.idle_timeout, endpoint.timeout = 1, 60
    with raw_server(head, pause=10.0) as (url, _):
        endpoint.base_url = url

        with pytest.raises(CallFailed, match="timeout"):
            asked()


@contextlib.contextmanager
def raw_server(reply: bytes, pause: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends these bytes to one question and then says nothing for a while."""
    is_over = threading.Event()
    heard: list[bytes] = []

    def answer() -> None:
        talk, _ = listening.accept()
        with talk:
            heard.append(talk.recv(65_536))
            talk.sendall(reply)
            is_over.wait(pause)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=answer)
        server.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1", heard
        is_over.set()
        server.join()
