"""`manage.py endpoint` and `manage.py budget`, as somebody types them."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bench.fakellm.server import FakeLlm
from llm import client
from llm.actions.budgets import set_budget
from llm.keys import key_of
from llm.models import Budget, Endpoint, EndpointHealth
from tests.samples import make_study

pytestmark = pytest.mark.django_db(transaction=True)

URL = "http://localhost:9/v1"


def run(*arguments: str) -> Any:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def added(*arguments: str) -> Endpoint:
    run("endpoint", "add", "main", "--base-url", URL, "--model", "m", *arguments)
    return Endpoint.objects.get(name="main")


def test_endpoint_is_added_with_every_field() -> None:
    made = added(
        "--price-prompt", "0.4", "--price-completion", "1.6", "--max-output-tokens", "2000",
        "--requests-per-minute", "600", "--query", "api-version=1", "--param", "top_p=0.9",
        "--protocol", "responses", "--key-header", "api-key",
    )  # fmt: skip

    assert (made.price_prompt, made.max_output_tokens) == (Decimal("0.4"), 2000)
    assert (made.extra_query, made.extra_params) == ({"api-version": "1"}, {"top_p": 0.9})
    assert (made.protocol, made.key_header, made.requests_per_minute) == (
        "responses", "api-key", 600,
    )  # fmt: skip


def test_endpoint_is_changed_and_cleared() -> None:
    added("--requests-per-minute", "600")

    (told,) = run("endpoint", "change", "main", "--requests-per-minute", "none")["endpoints"]

    assert (told["requests_per_minute"], told["model"]) == (None, "m")


@pytest.mark.parametrize(("text", "is_active"), [("no", False), ("TRUE", True), ("0", False)])
def test_endpoint_is_put_to_use_and_out_of_it(text: str, is_active: bool) -> None:
    added()

    (told,) = run("endpoint", "change", "main", "--is-active", text)["endpoints"]

    assert told["is_active"] is is_active


def test_another_key_closes_the_circuit() -> None:
    made = added()
    EndpointHealth.objects.filter(pk=made.pk).delete()
    EndpointHealth.objects.create(endpoint=made, circuit=EndpointHealth.Circuit.OPEN)

    run("endpoint", "change", "main", "--key-name", "LLM_API_KEY")

    assert EndpointHealth.objects.get(pk=made.pk).circuit == EndpointHealth.Circuit.CLOSED


def test_key_is_read_from_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-0123456789-abcd\n"))

    made = added("--key-stdin")

    assert key_of(made) == "sk-0123456789-abcd"
    assert run("endpoint", "list")["endpoints"][0]["key"] == "set"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "main", "--base-url", URL, "--model", "m"], "There is one already"),
        (["change", "other", "--model", "m"], "There is none"),
        (["check"], "Name the endpoint"),
        (["list", "other"], "There is no endpoint"),
        (["change", "main", "--timeout", "long"], "is no number"),
        (["change", "main", "--timeout", "0"], "timeout"),
        (["change", "main", "--is-active", "maybe"], "neither yes nor no"),
        (["change", "main", "--is-active", ""], "neither yes nor no"),
        (["change", "main", "--price-prompt", "nan"], "price_prompt"),
        (["add", "two words", "--base-url", URL, "--model", "m"], "name: An endpoint's name"),
        (["change", "main", "--param", "top_p=x"], "NAME=JSON"),
        (["change", "main", "--base-url", "http://169.254.169.254/"], "LLM_HOSTS"),
    ],
)
def test_refusal_is_a_sentence(arguments: list[str], sentence: str) -> None:
    added()

    with pytest.raises(CommandError, match=sentence):
        run("endpoint", *arguments)


def test_check_asks_the_server() -> None:
    with FakeLlm(lambda _request: {"sum": 5}) as server:
        run("endpoint", "add", "main", "--base-url", server.url, "--model", "fake-model")
        found = run("endpoint", "check", "main")
        client.close_clients()

    assert (found["structured"], found["usage"], found["cost"]) == ("json_schema", "counted", None)


def test_check_of_nothing_fails() -> None:
    added()

    with pytest.raises(CommandError, match="main: net_connect"):
        run("endpoint", "check", "main")


def test_budget_is_set_and_shown() -> None:
    make_study()
    run("budget", "--scope", "study:alps", "--max-cost", "25", "--max-calls", "10")
    run("budget", "--scope", "study:alps", "--max-calls", "none")

    assert run("budget") == {
        "budgets": [
            {
                "scope": "study:alps", "max_calls": None, "calls": 0, "max_cost": "25.00",
                "spent": "0.00", "reserved": "0.00", "overrun": "0.00", "set_by": "manage.py",
            }
        ],
        "faults": [],
    }  # fmt: skip


def test_budget_tells_what_is_wrong() -> None:
    set_budget(scope="study:alps", max_calls=None, max_cost=None, by="ada")
    Budget.objects.update(reserved=1)

    assert len(run("budget")["faults"]) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--max-calls", "5"], "--scope"),
        (["--scope", "town:x", "--max-calls", "5"], "A budget is one of"),
        (["--scope", "study:alps", "--max-calls", "many"], "is no number"),
        (["--scope", "endpoint:main", "--max-calls", "5"], "is no id"),
        (["--scope", "study:alps", "--max-cost", "-1"], "max_cost"),
        (["--scope", "study:nope", "--max-cost", "1"], "There is no study “nope”"),
    ],
)
def test_bad_budget_is_refused(arguments: list[str], sentence: str) -> None:
    make_study()
    with pytest.raises(CommandError, match=sentence):
        run("budget", *arguments)
