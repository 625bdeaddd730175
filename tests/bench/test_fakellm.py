"""The mock endpoint: what it serves, what it makes up by chance, and what it remembers."""

import base64
import json
import math
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.fakellm.chance import Chance, shares_of
from bench.fakellm.limits import Limit
from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from bench.fakellm.vectors import vector_of
from tests.bench.talk import ask, say
from tests.site import ROOT


def near(one: str, other: str) -> float:
    """The cosine of two texts' vectors."""
    pairs = zip(vector_of(one), vector_of(other), strict=True)
    return sum(left * right for left, right in pairs)


# -- What it serves ------------------------------------------------------------


def test_models_are_listed() -> None:
    with FakeLlm() as server:
        assert say(server.url, "/v1/models").value["data"][0]["id"] == "fake-model"


def test_unknown_path_is_404_and_bills_nothing() -> None:
    with FakeLlm() as server:
        assert say(server.url, "/v1/nothing", {}).status == 404
        assert server.billed == 0


def test_responses_are_answered_in_their_own_shape() -> None:
    with FakeLlm(lambda asked: [row["role"] for row in asked["messages"]]) as server:
        body = {"model": "m", "instructions": "Be brief", "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]}  # fmt: skip
        answer = say(server.url, "/v1/responses", body).value

    assert answer["output"][0]["content"][0]["text"] == '["system", "user"]'
    assert (answer["status"], answer["object"]) == ("completed", "response")


def test_responses_are_streamed_as_numbered_events() -> None:
    with FakeLlm() as server:
        body = {"model": "m", "input": "Good day", "stream": True}
        heard = say(server.url, "/v1/responses", body)

    lines = [line for line in heard.body.splitlines() if line.startswith("data: ")]
    events = [json.loads(line[6:]) for line in lines]
    assert [event.get("delta", "") for event in events] == ["", "Good", " day", ""]
    assert [event["type"] for event in events][-1] == "response.completed"


def test_embeddings_are_of_unit_length_and_in_order() -> None:
    with FakeLlm() as server:
        body = {"model": "m", "input": ["I eat no meat", ""], "encoding_format": "base64"}
        rows = say(server.url, "/v1/embeddings", body).value["data"]

    assert [row["index"] for row in rows] == [0, 1]
    for row in rows:
        packed = base64.b64decode(row["embedding"])
        vector = struct.unpack(f"<{len(packed) // 4}f", packed)
        assert math.isclose(sum(number**2 for number in vector), 1, abs_tol=1e-5)


def test_vectors_are_near_where_words_are_shared() -> None:
    one = "I am allergic to peanuts"

    assert near(one, "My allergies: peanuts above all") > 0.3 > near(one, "We live in Lisbon")
    assert vector_of(one) == vector_of(one.upper())


def test_model_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeLlm(lambda asked: asked["nothing"]) as server:
        assert ask(server.url).status == 500

    assert "KeyError: 'nothing'" in capsys.readouterr().err


# -- What happens by chance ----------------------------------------------------


def test_chance_depends_on_seed_and_question_alone() -> None:
    faults = shares_of("429:0.3,hang:0.2")
    forwards, backwards = Chance(7, faults), Chance(7, faults)
    names = [f"q{number}" for number in range(50)]

    one = {name: forwards.draw(name) for name in names}
    other = {name: backwards.draw(name) for name in reversed(names)}

    assert one == other
    assert one != {name: Chance(8, faults).draw(name) for name in names}


def test_chance_keeps_its_shares() -> None:
    chance = Chance(1, shares_of("429:0.10,500:0.05"))

    drawn = [chance.draw(f"q{number % 100}")[0] for number in range(10_000)]

    assert 900 < drawn.count("429") < 1100
    assert 400 < drawn.count("500") < 600


@pytest.mark.parametrize("text", ["429:0.9,500:0.2", "429:-1", "429"])
def test_shares_are_parts_of_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        shares_of(text)


def test_limit_lets_in_so_many_and_says_how_long_to_wait() -> None:
    moments = iter([0.0, 0.0, 0.0, 0.0, 0.5])
    limit = Limit(120, clock=lambda: next(moments))

    assert [limit.admit() for _ in range(4)] == [None, None, 0.5, None]


# -- Told while it runs --------------------------------------------------------


def test_control_makes_it_ill_and_well() -> None:
    with FakeLlm() as server:
        say(server.url, "/control", {"always": "503"})
        assert ask(server.url).status == 503

        counted = say(server.url, "/control", {"always": "", "script": ["web_page"]}).value
        assert (counted["requests"], counted["fault 503"], counted["billed"]) == (1, 1, 0)

        assert ask(server.url).body == "<html>Sign in</html>"
        assert ask(server.url).status == 200


def test_control_limits_and_remembers_who_came_early() -> None:
    with FakeLlm() as server:
        say(server.url, "/control", {"requests_per_minute": 1, "latency_ms": 0, "jitter_ms": 0})
        seen = [ask(server.url).status for _ in range(3)]

        assert seen == [200, 429, 429]
        assert say(server.url, "/control").value["early"] == 1


def test_fraction_of_a_second_is_told_as_one(tmp_path: Path) -> None:
    with FakeLlm(journal=tmp_path / "journal", retry_after=0.25) as server:
        say(server.url, "/control", {"always": "429"})
        answer = ask(server.url)

    told = [answer.headers[name] for name in ("Retry-After", "retry-after-ms")]
    assert (answer.status, told) == (429, ["1", "250"])
    assert json.loads((tmp_path / "journal").read_text())["retry_after"] == 0.25


@pytest.mark.parametrize("order", [{"always": "nonsense"}, {"colour": 1}, {"faults": "429:2"}])
def test_control_refuses_what_it_does_not_know(order: dict[str, Any]) -> None:
    with FakeLlm() as server:
        assert say(server.url, "/control", order).status == 400


def test_control_counts_anew() -> None:
    with FakeLlm() as server:
        ask(server.url)

        assert say(server.url, "/control", {"reset": True}).value["billed"] == 0


# -- What it remembers ---------------------------------------------------------


def test_journal_has_a_line_per_request_and_no_key(tmp_path: Path) -> None:
    with FakeLlm(journal=tmp_path / "journal") as server:
        server.script(Scripted(429, {}, {"Retry-After": "30"}))
        for _ in range(2):
            ask(server.url, X_Client_Request_Id="call-1", Authorization="Bearer sk-secret")

    text = (tmp_path / "journal").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    kept = [(row["id"], row["status"], row["billed"], row["early"]) for row in lines]
    assert kept == [("call-1", 429, False, False), ("call-1", 200, True, True)]
    assert "secret" not in text


def test_process_serves_and_counts_on_disk(tmp_path: Path) -> None:
    options = ["--honest", "--latency-ms", "5", "--faults", "500:0", "--seed", "3"]
    command = [sys.executable, "-m", "bench.fakellm", "--count-file", str(tmp_path / "n")]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[1]
        assert ask(url, "Hello").value["choices"][0]["message"]["content"].startswith("About")
    finally:
        process.kill()
        process.communicate()

    assert (tmp_path / "n").read_bytes() == b"."
