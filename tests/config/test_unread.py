"""Who sends more than is read gets the answer all the same, on a real connection to our server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from config import unread
from config.unread import Exchange, sends_body
from tests.site import wait_for

ANSWER = b"too much"


async def refuse(scope: Any, _receive: Any, send: Any) -> None:
    """Answer without a look at the body."""
    length = [(b"content-length", str(len(ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": length})
    await send({"type": "http.response.body", "body": ANSWER})


async def refuse_whole(scope: Any, receive: Any, send: Any) -> None:
    """The same, with what is sent dropped."""
    headers = dict(scope["headers"])
    assert sends_body(headers)
    exchange = Exchange(headers, receive, send)
    await refuse(scope, exchange.receive, exchange.send)


@contextmanager
def serving(application: Any) -> Iterator[int]:
    """A server of our kind in a thread; its port."""
    options = uvicorn.Config(application, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(options)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            assert wait_for(lambda: server.started)
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(30)


def post(port: int, size: int, *, told: int | None = None, reuse: str = "close") -> bytes:
    """Send everything, then read what was answered until the connection is closed."""
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: {reuse}\r\nContent-Length: {told or size}"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(f"{head}\r\n\r\n".encode())
        client.sendall(bytes(size))
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize("reuse", ["close", "keep-alive"])
def test_who_sends_twenty_megabytes_reads_the_answer(reuse: str) -> None:
    with serving(refuse_whole) as port:
        answers = [post(port, 20_000_000, reuse=reuse) for _ in range(3)]

    assert [one.startswith(b"HTTP/1.1 413 ") for one in answers] == [True] * 3
    assert [one.endswith(ANSWER) for one in answers] == [True] * 3


def test_who_sends_nothing_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "LONGEST_PAUSE", 0.1)

    with serving(refuse_whole) as port:
        answer = post(port, 1_000, told=2_000_000)

    assert answer.endswith(ANSWER)


def test_who_sends_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "MOST_DROPPED", 1_000_000)

    with serving(refuse_whole) as port, pytest.raises(ConnectionError):
        post(port, 40_000_000)


def test_small_body_leaves_the_connection_to_the_next_request() -> None:
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"

    with serving(refuse_whole) as port, socket.create_connection(("127.0.0.1", port)) as client:
        answers = b""
        for count in (1, 2):
            client.sendall(request)
            while answers.count(ANSWER) < count:
                answers += client.recv(65536)

    assert answers.count(b"HTTP/1.1 413 ") == 2
    assert b"connection: close" not in answers
