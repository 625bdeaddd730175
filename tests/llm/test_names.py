"""Looking names up: in time, once for all who ask, and beside the rest."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from llm import client, names
from llm.addresses import check_url
from llm.errors import CallFailed
from llm.models import Endpoint
from llm.pinning import Pinned, pinned

PUBLIC = "93.184.216.34"
NOWHERE = Endpoint(name="n", base_url="https://host.test/v1", model="m")


class NameServer:
    """Hangs until it is told to answer; says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()

    def __call__(self, host: Any, port: Any, *_rest: Any, **_more: Any) -> Any:
        self.asked += 1
        self.may_answer.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, port))]


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[NameServer]:
    """A name server that takes questions and says nothing."""
    server = NameServer()
    settings.LLM_HOSTS = ["host.test"]
    monkeypatch.setattr(socket, "getaddrinfo", server)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(names, "SECONDS", 0.1)
    yield server
    server.may_answer.set()
    # What hung would otherwise answer whoever asks for the same name next.
    for looking in list(names._under_way.values()):
        looking.exception(30)
    client.close_clients()


def test_name_server_that_hangs_holds_nobody(hanging: NameServer) -> None:
    began = time.monotonic()

    check_url("https://host.test/v1")
    with pytest.raises(CallFailed, match="net_connect"):
        client.send(NOWHERE, "/chat/completions", {"model": "m", "messages": []}, "n")

    assert time.monotonic() - began < 15


def test_name_server_that_hangs_holds_no_stream(hanging: NameServer) -> None:
    began = time.monotonic()

    async def listen() -> None:
        async with client.streaming(NOWHERE, {"model": "m", "messages": []}, "n"):
            pytest.fail("it went somewhere")

    with pytest.raises(CallFailed, match="net_connect"):
        asyncio.run(listen())
    assert time.monotonic() - began < 15


def test_name_is_looked_up_once_for_all_who_ask(hanging: NameServer) -> None:
    with pytest.raises(TimeoutError):
        names.addresses_of("host.test", 443, 0.01)
    later = names.looking_up("host.test", 443)
    hanging.may_answer.set()

    assert (later.result(10), hanging.asked) == ([PUBLIC], 1)
    assert names.addresses_of("host.test", 443, 5) == [PUBLIC]
    assert hanging.asked == 2


@pytest.mark.parametrize("name", ["a..test", f"{'a' * 64}.test"])
def test_what_no_name_can_be_has_no_address(name: str) -> None:
    with pytest.raises(OSError, match="empty or too long"):
        names.addresses_of(name, 443, 5)


def test_time_to_connect_is_for_all_addresses() -> None:
    request = httpx2.Request("POST", "https://host.test/v1", extensions={
        "timeout": {"connect": 8.0, "pool": 9.0, "read": 9.0, "write": 20.0}})  # fmt: skip
    began = time.monotonic()

    given = [r.extensions["timeout"] for r in pinned(request, ["1.1.1.1", "8.8.8.8"], began)]
    late = [r.extensions["timeout"] for r in pinned(request, ["1.1.1.1", "8.8.8.8"], began - 10)]

    assert [round(t["connect"], 1) for t in given] == [4.0, 8.0]
    assert [round(t["write"], 1) for t in late] == [10.0]


def test_waiting_for_a_name_takes_from_the_time_to_connect(
    hanging: NameServer,
) -> None:
    with (
        httpx2.Client(transport=Pinned(httpx2.HTTPTransport()), timeout=0.1) as asking,
        pytest.raises(httpx2.ConnectTimeout, match="looked up in time"),
    ):
        asking.get("https://host.test/v1")
