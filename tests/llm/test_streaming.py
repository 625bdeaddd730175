"""Every way in which a streamed answer can end, entered in the ledger without a word of it."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from bench.fakellm.replies import DONE, Scripted, chunk, completion, streamed
from bench.fakellm.server import FakeLlm
from llm import baselines, chunks, streaming
from llm.actions.endpoints import baseline_endpoint
from llm.client import close_streaming_clients
from llm.exchange import Prompt
from llm.models import Call, Endpoint
from llm.streaming import Streamed, stream
from work.actions.jobs import cancel
from work.claims import Claim
from work.errors import LateClaim
from work.models import Job
from work.offloading import DatabaseThread

pytestmark = pytest.mark.django_db(transaction=True)

END = chunk(finish_reason="stop")


def hear(endpoint: Endpoint, claim: Claim, on_piece: Callable[[str], None] = len) -> Streamed:  # type: ignore[assignment]
    """Ask for an answer and read it to its end."""

    async def run() -> Streamed:
        database = DatabaseThread("test")
        prompt = Prompt("converse", [{"role": "user", "content": "Hello"}], {"said": "Hello"})
        try:
            return await stream(
                endpoint=endpoint, prompt=prompt, claim=claim, scope="study:alps", subject=None,
                on_piece=on_piece, database=database,
            )  # fmt: skip
        finally:
            await close_streaming_clients()
            database.close()

    return asyncio.run(run())


def entered() -> tuple[str, str]:
    """State and outcome of the one call."""
    call = Call.objects.get()
    assert call.raw_response == ""
    return call.state, call.outcome


def test_pieces_come_in_order(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    server.script(streamed("Good", " day", "!"))
    heard: list[str] = []

    answer = hear(endpoint, claim, heard.append)

    assert (answer.text, answer.model, heard) == ("Good day!", "fake-model", ["Good", " day", "!"])
    assert entered() == ("ok", "ok")
    call = Call.objects.get()
    assert (call.prompt_tokens, call.completion_tokens, call.http_status) == (10, 3, 200)
    assert (call.job_id, call.purpose, call.flags) == (claim.job_id, "converse", [])


def test_request_asks_for_a_stream_that_counts(
    server: FakeLlm, endpoint: Endpoint, claim: Claim
) -> None:
    hear(endpoint, claim)

    [request] = server.requests
    assert (request["stream"], request["stream_options"]) == (True, {"include_usage": True})
    assert not {name for name in server.headers[0] if name.startswith("x-stainless")}


BROKEN: dict[str, tuple[Any, str]] = {
    "no end": ([chunk("Half")], "cut"),
    "connection cut": (Scripted(body=[chunk("Half")], cut=True), "cut"),
    "error in mid-stream": ([chunk("Half"), 'data: {"error": {"message": "x"}}\n\n'], "cut"),
    "no JSON": ([chunk("Half"), "data: {half\n\n", END, DONE], "cut"),
    "a list": (["data: [1]\n\n", END, DONE], "cut"),
    "nothing said": ([END, DONE], "empty"),
    "token limit": ([chunk("Half"), chunk(finish_reason="length"), DONE], "truncated"),
    "filter": ([chunk("Half"), chunk(finish_reason="content_filter"), DONE], "refused"),
    "endless line": (["data: " + "x" * 1_100_000], "too_large"),
    "web page": (Scripted(body="<html>", headers={"Content-Type": "text/html"}), "malformed"),
    "busy": (Scripted(429, {"error": {}}), "rate_limited"),
    "quota": (Scripted(429, {"error": {"code": "insufficient_quota"}}), "quota"),
    "server error": (Scripted(503), "server"),
    "wrong key": (Scripted(401), "auth"),
    "elsewhere": (Scripted(302, headers={"Location": "http://127.0.0.1:9/"}), "redirect_refused"),
    "compressed": (Scripted(body="x", headers={"Content-Encoding": "gzip"}), "too_large"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_answer_that_is_not_whole_is_an_error(
    server: FakeLlm, endpoint: Endpoint, claim: Claim, name: str
) -> None:
    reply, outcome = BROKEN[name]
    server.script(reply if isinstance(reply, Scripted) else Scripted(body=reply))

    with pytest.raises(Exception, match=outcome):
        hear(endpoint, claim)

    assert entered() == ("error", outcome)


WHOLE: dict[str, Any] = {
    "no usage": [chunk("Good day"), END, DONE],
    "no finish reason": [chunk("Good day"), DONE],
    "no DONE": [chunk("Good day"), END],
    "cut after the last word": Scripted(body=[chunk("Good day"), END], cut=True),
    "comments and CRLF": [": hello\r\n\r\n", chunk("Good day").replace("\n", "\r\n"), END, DONE],
    "torn bytes": [*(bytes([byte]) for byte in chunk("Good day").encode()), END, DONE],
    "nothing but noise beside": [chunk(choices=[]), chunk(choices="x"), chunk("Good day"), DONE],
    "not streamed": completion("Good day"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_tolerated_ways_to_say_it_whole(
    server: FakeLlm, endpoint: Endpoint, claim: Claim, name: str
) -> None:
    body = WHOLE[name]
    server.script(Scripted(body=body) if isinstance(body, list) else body)

    assert hear(endpoint, claim).text == "Good day"
    assert entered() == ("ok", "ok")


def test_tokens_are_estimated_where_not_counted(
    server: FakeLlm, endpoint: Endpoint, claim: Claim
) -> None:
    server.script(Scripted(body=[chunk("Good day"), END, DONE]))

    hear(endpoint, claim)

    call = Call.objects.get()
    assert (call.prompt_tokens, call.completion_tokens, call.flags) == (1, 2, ["usage_estimated"])


def test_refusal_is_an_answer(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    server.script(Scripted(body=[chunk(delta={"refusal": "I would rather not."}), END, DONE]))

    assert hear(endpoint, claim).text == "I would rather not."
    assert entered() == ("ok", "refused")


def test_what_a_database_cannot_hold_is_replaced(
    server: FakeLlm, endpoint: Endpoint, claim: Claim
) -> None:
    whole = "\ud83d\ude00"
    pieces = ["a\x00b", whole[0], whole[1], whole[0], "c"]
    server.script(Scripted(body=[*map(chunk, pieces), END, DONE]))

    assert hear(endpoint, claim).text == "a\ufffdb😀\ufffdc"


def test_server_that_counts_no_streams_is_asked_without(
    server: FakeLlm, endpoint: Endpoint, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_uncounted", set())
    server.script(Scripted(400, {"error": {"message": "unknown field stream_options"}}))

    assert hear(endpoint, claim).text == '{"score": 3}'
    assert ["stream_options" in request for request in server.requests] == [True, False]


@pytest.mark.parametrize("body", [[": alive\n\n", 0.1] * 40, [chunk("Half"), 5.0]])
def test_comments_do_not_keep_a_silent_answer_alive(
    server: FakeLlm,
    endpoint: Endpoint,
    claim: Claim,
    body: list[Any],
) -> None:
    endpoint.first_byte_timeout = endpoint.idle_timeout = 1
    server.script(Scripted(body=body))

    with pytest.raises(Exception, match="timeout"):
        hear(endpoint, claim)

    assert entered() == ("error", "timeout")


def test_answer_that_never_ends_is_bounded(
    server: FakeLlm, endpoint: Endpoint, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LONGEST_REPLY", 100)
    server.script(streamed(*["word "] * 30))

    with pytest.raises(Exception, match="too_large"):
        hear(endpoint, claim)


def test_nobody_answers(claim: Claim, endpoint: Endpoint) -> None:
    endpoint.base_url = "http://127.0.0.1:9/v1"

    with pytest.raises(Exception, match="net_connect"):
        hear(endpoint, claim)

    assert entered() == ("error", "net_connect")


def test_answer_that_comes_late_is_used_by_nobody(
    server: FakeLlm, endpoint: Endpoint, claim: Claim
) -> None:
    def take_away(_piece: str) -> None:
        Job.objects.update(attempt=2)
        Call.objects.update(state="unknown", outcome="unknown")
        # What an event loop opens is seen by nobody outside of it, who could close it.
        connections.close_all()

    with pytest.raises(LateClaim):
        hear(endpoint, claim, take_away)

    assert entered() == ("unknown", "unknown")


def test_late_claim_asks_nobody(server: FakeLlm, endpoint: Endpoint, claim: Claim) -> None:
    cancel(Job.objects.all(), reason="left")

    with pytest.raises(LateClaim):
        hear(endpoint, claim)

    assert (server.billed, Call.objects.count()) == (0, 0)


def test_baseline_streams_and_costs_nothing(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_solvers", {"converse": lambda inputs: f"{inputs['said']} you"})
    heard: list[str] = []

    answer = hear(baseline_endpoint(), claim, heard.append)

    assert (answer.text, heard, answer.model) == ("Hello you", ["Hello", " you"], baselines.MODEL)
    assert entered() == ("ok", "ok")
    call = Call.objects.get()
    assert (call.cost, call.prompt_tokens, call.completion_tokens) == (Decimal(0), 0, 0)


@pytest.mark.parametrize("text", ["\ud83d", "\x00"])
def test_pieces_are_always_storable(text: str) -> None:
    heard: list[str] = []
    answer = chunks.Heard(heard.append, 100)

    answer.take(text)
    answer.take("!")

    assert heard[-1][-1] == "!"
    assert "".join(heard) == "\ufffd!"
