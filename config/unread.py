"""What a client still sends when it is answered: read and dropped, so that it can read the answer.

A connection that is closed while bytes lie unread in it is reset, and the answer that is on its way
is lost with it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

MOST_DROPPED = 50_000_000
"""Bytes; who sends more is cut off."""
LONGEST_SECONDS = 30.0
LONGEST_PAUSE = 5.0
"""Seconds without a byte, after which nothing more is waited for."""
LARGE_BODY = 1_000_000
"""Bytes from which on a connection is of no use to anybody else before they have come."""


def sends_body(headers: Mapping[bytes, bytes]) -> bool:
    """Does a request with these headers have a body?"""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def is_large(headers: Mapping[bytes, bytes]) -> bool:
    """Is it told to be large? Of a body in chunks nobody knows."""
    length = headers.get(b"content-length", b"0")
    too_long = not length.isdigit() or int(length) > LARGE_BODY
    return too_long or b"transfer-encoding" in headers


class Exchange:
    """A request with a body, and its answer: `receive` and `send` as ASGI has them.

    The answer leaves at once. Only its end waits until the body has come, or too much of it.
    """

    def __init__(self, headers: Mapping[bytes, bytes], receive: Any, send: Any) -> None:
        self._is_large = is_large(headers)
        self._receive, self._send = receive, send
        self._has_come = False

    async def receive(self) -> Any:
        """The next piece of the body."""
        message = await self._receive()
        self._has_come = not message.get("more_body", False)
        return message

    async def send(self, message: Any) -> None:
        """Pass the answer on; its last piece once there is nothing left to read."""
        if self._has_come:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._send(_closing(message) if self._is_large else message)
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._drop_rest()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drop_rest(self) -> None:
        dropped = 0
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while not self._has_come and dropped < MOST_DROPPED:
                    message = await asyncio.wait_for(self.receive(), LONGEST_PAUSE)
                    dropped += len(message.get("body", b""))
        except TimeoutError:
            return


def _closing(start: Any) -> Any:
    """The same beginning of an answer, which tells that nothing follows on its connection."""
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"connection"]
    return {**start, "headers": [*kept, (b"connection", b"close")]}
