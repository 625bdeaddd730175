"""Each protocol: what is sent, and what is read out of what comes."""

import json
from typing import Any

import pytest

from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from llm.actions.endpoints import ensure_endpoint
from llm.errors import EndpointBroken, Refused, Unparseable
from llm.exchange import Prompt, Reply
from llm.models import Call, Endpoint
from llm.protocols import chat, responses
from llm.protocols.registry import counted_by
from tests.llm.conftest import SCHEMA, Ask, recorded

RUNG = Endpoint.Structured
PROMPT = Prompt(
    "judge",
    [{"role": "system", "content": "Be fair."}, {"role": "user", "content": "How good?"}],
    temperature=0,
    seed=1,
)


@pytest.fixture
def speaking(server: FakeLlm) -> Endpoint:
    """The server by its Responses API."""
    return ensure_endpoint(
        name="r", base_url=server.url, model="fake-model", protocol="responses",
        extra_query={"api-version": "1"}, max_output_tokens=50,
    )  # fmt: skip


def said(*content: dict[str, Any], **changes: Any) -> Reply:
    """A body of the Responses API."""
    message = {"type": "message", "role": "assistant", "content": list(content)}
    body = {
        "object": "response", "status": "completed", "model": "fake-model-1",
        "output": [{"type": "reasoning", "summary": []}, message],
        "usage": {"input_tokens": 7, "output_tokens": 3},
    }  # fmt: skip
    return Reply(200, json.dumps(body | changes))


TEXT = {"type": "output_text", "text": '{"score": 3}', "annotations": []}


@pytest.mark.django_db(transaction=True)
def test_responses_are_asked_and_read(speaking: Endpoint, asked: Ask, server: FakeLlm) -> None:
    assert asked(endpoint=speaking, prompt=PROMPT).value == {"score": 3}

    sent = server.requests[0]
    assert sent["instructions"] == "Be fair."
    assert sent["input"] == [{"role": "user", "content": "How good?"}]
    assert sent["text"]["format"]["schema"] == SCHEMA
    assert (sent["store"], sent["max_output_tokens"], sent["temperature"]) == (False, 50, 0)
    assert not {"seed", "messages", "max_tokens"} & sent.keys()


@pytest.mark.django_db(transaction=True)
def test_ledger_keeps_no_words_of_what_was_sent(speaking: Endpoint, asked: Ask) -> None:
    asked(endpoint=speaking, prompt=PROMPT)

    kept = json.dumps(Call.objects.get().params)
    assert "fair" not in kept
    assert "good" not in kept


@pytest.mark.django_db(transaction=True)
def test_responses_climb_down_when_a_format_is_refused(
    speaking: Endpoint, asked: Ask, server: FakeLlm
) -> None:
    complaint = {"error": {"message": "Unsupported: text.format of type json_schema."}}
    server.script(*[Scripted(status=400, body=complaint)] * 2)

    asked(endpoint=speaking, prompt=PROMPT)

    formats = [request.get("text", {}).get("format", {}).get("type") for request in server.requests]
    assert formats == ["json_schema", "json_object", None]
    assert "JSON schema" in server.requests[2]["input"][0]["content"]
    assert recorded() == [("error", "format_refused")] * 2 + [("ok", "ok")]


def test_response_is_opened() -> None:
    envelope = responses.opened(said(TEXT))

    assert (envelope.text, envelope.model, envelope.finish_reason) == (
        '{"score": 3}', "fake-model-1", "stop",
    )  # fmt: skip
    assert (envelope.prompt_tokens, envelope.completion_tokens) == (7, 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"incomplete_details": None}, "length"),
        ({"incomplete_details": {"reason": 7}}, "length"),
    ],
)
def test_incomplete_response_is_not_whole(changes: dict[str, Any], reason: str) -> None:
    assert responses.opened(said(TEXT, status="incomplete", **changes)).finish_reason == reason


@pytest.mark.django_db(transaction=True)
def test_refusal_in_a_response_is_one(speaking: Endpoint, asked: Ask, server: FakeLlm) -> None:
    refusal = {"type": "refusal", "refusal": "I will not."}
    server.script(Scripted(body=json.loads(said(refusal).body)))

    with pytest.raises(Refused):
        asked(endpoint=speaking, prompt=PROMPT)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (said(status="failed"), "cut"),
        (said(status="in_progress"), "cut"),
        (said(output=None), "empty"),
        (said(output="text"), "empty"),
        (Reply(200, "[]"), "malformed"),
        (Reply(200, "<html>", "text/html"), "malformed"),
        (Reply(204, ""), "malformed"),
    ],
)
def test_bad_response_is_typed(reply: Reply, outcome: str) -> None:
    with pytest.raises(Unparseable) as problem:
        responses.opened(reply)

    assert problem.value.outcome == outcome


@pytest.mark.parametrize(
    "output",
    [[], [None], [{"type": "message"}], [{"type": "message", "content": "x"}],
     [{"type": "message", "content": [None, {"type": "output_text", "text": 3}]}]],
)  # fmt: skip
def test_strange_output_holds_no_text(output: list[Any]) -> None:
    assert responses.opened(said(output=output)).text == ""


@pytest.mark.parametrize(
    ("protocol", "usage", "counted"),
    [
        ("chat", {"prompt_tokens": 3, "completion_tokens": 4}, (3, 4)),
        ("responses", {"input_tokens": 3, "output_tokens": 4}, (3, 4)),
        ("embeddings", {"prompt_tokens": 3, "total_tokens": 3}, (3, 0)),
        ("chat", {"prompt_tokens": -3, "completion_tokens": 4}, None),
        ("chat", {"prompt_tokens": True, "completion_tokens": 4}, None),
        ("chat", {"prompt_tokens": 10**12, "completion_tokens": 4}, None),
        ("responses", None, None),
        ("responses", "many", None),
    ],
)
def test_tokens_are_counted_by_the_server_or_not(
    protocol: str, usage: Any, counted: tuple[int, int] | None
) -> None:
    reply = Reply(200, json.dumps({"usage": usage}))

    assert counted_by(Endpoint(protocol=protocol), reply) == counted


def test_limit_of_the_endpoint_is_sent_where_the_question_has_none() -> None:
    endpoint = Endpoint(model="m", max_output_tokens=70)

    assert chat.params_of(endpoint, PROMPT)["max_tokens"] == 70
    assert chat.params_of(endpoint, Prompt("judge", [], max_tokens=9))["max_tokens"] == 9
    assert "max_tokens" not in chat.params_of(Endpoint(model="m"), PROMPT)


# -- One tiny question ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_vectors_answer_no_question(server: FakeLlm, asked: Ask) -> None:
    vectors = ensure_endpoint(
        name="v", base_url=server.url, model="m", protocol=Endpoint.Protocol.EMBEDDINGS
    )

    with pytest.raises(EndpointBroken, match="vectors only"):
        asked(endpoint=vectors)
