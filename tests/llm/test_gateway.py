"""Every way a server can answer lands in a typed outcome and in the ledger."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm import baselines
from llm.actions.endpoints import baseline_endpoint
from llm.errors import CallFailed, EndpointBroken, Refused, Unparseable
from llm.exchange import Prompt
from llm.gateway import ask
from llm.models import Call, Endpoint
from tests.llm.conftest import SCHEMA, Ask, recorded
from work.claims import Claim
from work.errors import GiveUp, RetryLater
from work.keys import canonical_json

pytestmark = pytest.mark.django_db
GOOD = '{"score": 4}'


# -- A good answer -------------------------------------------------------------


def test_ask_returns_a_valid_value(asked: Ask, endpoint: Endpoint) -> None:
    endpoint.price_prompt, endpoint.price_completion = Decimal(2), Decimal(8)

    answer = asked("x" * 40)

    call = Call.objects.get()
    assert (answer.value, answer.model, answer.call_id) == ({"score": 3}, "fake-model", call.pk)
    assert (answer.prompt_tokens, answer.completion_tokens) == (10, 3)
    assert answer.cost == call.cost == Decimal("0.000044")


def test_ask_keeps_the_body_and_not_the_prompt(asked: Ask, server: FakeLlm) -> None:
    server.script(Scripted(body=completion(GOOD), headers={"x-request-id": "req-7"}))

    asked("what only the participant knows")

    call = Call.objects.get()
    assert (call.state, call.outcome, call.provider_request_id) == ("ok", "ok", "req-7")
    assert '{\\"score\\": 4}' in call.raw_response
    assert "participant" not in str(call.__dict__)


def test_ask_sends_what_the_prompt_says(server: FakeLlm, endpoint: Endpoint) -> None:
    messages = [{"role": "user", "content": "Hello"}]
    prompt = Prompt("response", messages, temperature=0.5, max_tokens=9, seed=1)
    endpoint.token_limit_name = "max_completion_tokens"
    endpoint.extra_params = {"top_p": 0.9}

    ask(endpoint=endpoint, prompt=prompt, schema=None, claim=None, scope="s", subject=None)

    assert server.requests == [
        {
            "model": "fake-model",
            "messages": messages,
            "temperature": 0.5,
            "max_completion_tokens": 9,
            "seed": 1,
            "top_p": 0.9,
        }
    ]


def test_ask_flags_strange_models_and_missing_usage(asked: Ask, server: FakeLlm) -> None:
    server.script(completion(GOOD, model="another", usage={"prompt_tokens": True}))

    asked()

    assert Call.objects.get().flags == ["model_mismatch", "usage_estimated"]


def test_missing_usage_is_estimated_with_the_schema(asked: Ask, server: FakeLlm) -> None:
    server.script(completion(GOOD, usage={}))

    asked("x" * 40)

    sent = (40 + len(canonical_json(SCHEMA))) // 4
    assert Call.objects.get().prompt_tokens == sent


# -- The ladder ----------------------------------------------------------------


def test_ask_steps_down_and_remembers(asked: Ask, server: FakeLlm, endpoint: Endpoint) -> None:
    refusal = Scripted(400, {"error": {"message": "response_format is not supported"}})
    server.script(refusal, refusal)

    asked("How good?")
    asked("How good is it?")

    formats = [request.get("response_format", {}).get("type") for request in server.requests]
    assert formats == ["json_schema", "json_object", None, None]
    assert Endpoint.objects.get().structured == "prompt"
    assert "JSON schema" in server.requests[-1]["messages"][-1]["content"]


def test_ask_records_each_rung_of_a_job(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    server.script(Scripted(400, {"error": {"message": "unknown: json_schema"}}))

    asked(claim=claim)

    assert recorded() == [("error", "format_refused"), ("ok", "ok")]


# -- Failures ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Scripted(200, "<html>Sign in</html>", {"Content-Type": "text/html"}), "malformed"),
        (Scripted(200, ""), "malformed"),
        (Scripted(204, ""), "malformed"),
        (Scripted(200, '{"choices": ['), "malformed"),
        (Scripted(200, "[]"), "malformed"),
        (Scripted(200, b"\xff\xfe\x00"), "malformed"),
        (Scripted(200, completion(GOOD), cut=True), "cut"),
        (Scripted(200, completion("x" * 3_000_000)), "too_large"),
        (Scripted(200, completion(GOOD), {"Content-Encoding": "gzip"}), "too_large"),
        (Scripted(200, {"error": {"message": "overloaded"}}), "empty"),
        (Scripted(200, {"choices": None}), "empty"),
        (Scripted(200, {"choices": []}), "empty"),
        (Scripted(200, completion(None)), "empty"),
        (Scripted(200, completion(" ")), "empty"),
        (Scripted(200, completion(GOOD, finish_reason="length")), "truncated"),
        (Scripted(200, completion('{"score": 4,}')), "malformed"),
        (Scripted(200, completion('{"score": "\ud800"}')), "malformed"),
        (Scripted(200, completion('{"score": 11}')), "invalid_value"),
        (Scripted(200, completion('{"score": true}')), "invalid_value"),
    ],
)
def test_ask_types_an_unusable_answer(
    asked: Ask, server: FakeLlm, reply: Scripted, outcome: str
) -> None:
    server.script(reply)

    with pytest.raises(Unparseable) as caught:
        asked()

    assert (caught.value.outcome, caught.value.call_id) == (outcome, Call.objects.get().pk)
    assert recorded() == [("error", outcome)]


@pytest.mark.parametrize(
    ("status", "outcome", "kind"),
    [
        (401, "auth", GiveUp),
        (403, "auth", GiveUp),
        (400, "bad_request", GiveUp),
        (404, "bad_request", GiveUp),
        (422, "bad_request", GiveUp),
        (302, "redirect_refused", GiveUp),
        (307, "redirect_refused", GiveUp),
        (408, "server", RetryLater),
        (409, "server", RetryLater),
        (500, "server", RetryLater),
        (503, "server", RetryLater),
        (529, "server", RetryLater),
        (429, "rate_limited", RetryLater),
    ],
)
def test_ask_types_a_status(
    asked: Ask, server: FakeLlm, status: int, outcome: str, kind: type[Exception]
) -> None:
    server.script(Scripted(status, {"error": {}}, {"Location": "http://127.0.0.1:1/"}))

    with pytest.raises(kind) as caught:
        asked()

    assert str(caught.value) == f"{outcome}: HTTP {status}"
    assert (recorded(), len(server.requests)) == ([("error", outcome)], 1)


def test_ask_waits_for_a_person_without_quota(asked: Ask, server: FakeLlm) -> None:
    server.script(Scripted(429, {"error": {"code": "insufficient_quota"}}))

    with pytest.raises(CallFailed) as caught:
        asked()

    assert (caught.value.outcome, caught.value.counts) == ("quota", False)
    assert recorded() == [("error", "quota")]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "-1"}, 5),
        ({"Retry-After": "NaN"}, 5),
        ({"Retry-After": "1000000000"}, 600),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, 600),
        ({"Retry-After": "soon"}, 5),
        ({}, 5),
    ],
)
def test_ask_waits_as_long_as_the_server_says(
    asked: Ask, server: FakeLlm, headers: dict[str, str], seconds: float
) -> None:
    server.script(Scripted(429, "", headers))

    with pytest.raises(CallFailed) as caught:
        asked()

    assert (caught.value.after_seconds, caught.value.counts) == (seconds, False)


def test_ask_types_a_refusal(asked: Ask, server: FakeLlm) -> None:
    server.script(completion(None, refusal="I would rather not."))
    server.script(completion("{", finish_reason="content_filter"))

    with pytest.raises(Refused) as declined:
        asked()
    with pytest.raises(Refused):
        asked()

    assert declined.value.raw == "I would rather not."
    assert recorded() == [("ok", "refused"), ("ok", "refused")]


@pytest.mark.parametrize("reply", [Scripted(delay=1.6), Scripted(200, completion(GOOD), drip=0.02)])
def test_ask_ends_a_call_that_takes_too_long(
    asked: Ask, server: FakeLlm, endpoint: Endpoint, reply: Scripted
) -> None:
    endpoint.timeout = 1
    server.script(reply)

    with pytest.raises(CallFailed):
        asked()

    assert recorded() == [("error", "timeout")]


def test_ask_types_an_unreachable_server(asked: Ask, endpoint: Endpoint) -> None:
    endpoint.base_url = "http://127.0.0.1:1/v1"

    with pytest.raises(CallFailed):
        asked()

    assert recorded() == [("error", "net_connect")]


@given(st.data())
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_ask_survives_any_body(asked: Ask, server: FakeLlm, data: st.DataObject) -> None:
    body = completion(GOOD)
    target = data.draw(st.sampled_from([body, body["choices"][0], body["choices"][0]["message"]]))
    key = data.draw(st.sampled_from(sorted(target)))
    strange = st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.floats()
    target[key] = data.draw(strange | st.dictionaries(st.text(), st.integers()))
    server.script(body)

    try:
        assert asked().value in [{"score": 4}, *[{"score": n} for n in range(1, 6)]]
    except (Unparseable, Refused):
        assert not Call.objects.open().exists()


# -- The baseline --------------------------------------------------------------


@pytest.fixture
def _baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_solvers", {"judge": lambda facts: {"score": facts["n"]}})


def ask_baseline(task: str, number: int) -> Any:
    """Ask the rules for a score."""
    prompt = Prompt(task, [], inputs={"n": number})
    endpoint = baseline_endpoint()
    return ask(endpoint=endpoint, prompt=prompt, schema=SCHEMA, claim=None, scope="s", subject=None)


@pytest.mark.usefixtures("_baseline")
def test_baseline_answers_by_its_name() -> None:
    answer = ask_baseline("judge", 2)

    call = Call.objects.get()
    assert (answer.value, answer.model, answer.cost) == ({"score": 2}, "baseline/rules", 0)
    assert (call.pk, call.model_answered, call.state) == (answer.call_id, "baseline/rules", "ok")


@pytest.mark.usefixtures("_baseline")
def test_baseline_is_held_to_the_schema() -> None:
    with pytest.raises(Unparseable):
        ask_baseline("judge", 99)

    assert recorded() == [("error", "invalid_value")]


def test_baseline_without_rules_gives_up() -> None:
    with pytest.raises(EndpointBroken, match="no baseline is registered for 'poetry'"):
        ask_baseline("poetry", 1)
