"""What leaves for a server, and that nothing else does."""

import threading

import pytest
from django.conf import settings
from django.db import connections

from bench.fakellm.replies import Scripted
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
