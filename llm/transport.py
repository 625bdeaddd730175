"""The wire under the SDK: what leaves is what we chose, what comes is bounded in size and time.

The SDK reads organisation, project and custom headers from the environment and would send them,
and participants' text, to any host; here only headers on a list pass. An explicit transport also
means that proxies named in the environment are not used.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache

import httpcore2
import httpx2

from llm.phases import Phases, TimedBackend, begin

LARGEST = 2_000_000
CONNECTIONS = 64
"""To one server, by one process; kept open between calls."""
KEEP_SECONDS = 5.0
LARGEST_STREAM = 16_000_000
"""Of a streamed answer: each token comes in an envelope of some two hundred bytes."""
PASSING_HEADERS = {
    "accept", "connection", "content-length", "content-type", "host",
    "transfer-encoding", "x-client-request-id",
}  # fmt: skip


class TooLarge(httpx2.TransportError):
    """The answer's body is larger than we read."""


class Bounded(httpx2.SyncByteStream):
    """A body that may not exceed two megabytes; how long it takes is minded on the wire."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise TooLarge("the answer is larger than 2 MB")
            yield chunk

    def close(self) -> None:
        self._stream.close()


class BoundedStream(httpx2.AsyncByteStream):
    """A streamed body that may not exceed sixteen megabytes; its reader minds the time."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST_STREAM:
                raise TooLarge("the answer is larger than 16 MB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class ErrorBody(httpx2.SyncByteStream):
    """The body of an error, as far as it comes and is read: its status says enough."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        try:
            for chunk in self._stream:
                yield chunk[: LARGEST - size]
                size += len(chunk)
                if size >= LARGEST:
                    return
        except httpx2.TransportError:
            return

    def close(self) -> None:
        self._stream.close()


class ErrorStream(httpx2.AsyncByteStream):
    """The same of an answer that is read in an event loop."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._stream:
                yield chunk[: LARGEST - size]
                size += len(chunk)
                if size >= LARGEST:
                    return
        except httpx2.TransportError:
            return

    async def aclose(self) -> None:
        await self._stream.aclose()


class ChosenHeaders(httpx2.BaseTransport):
    """Sends the headers on the list with our own key, and bounds what comes back."""

    def __init__(self, key: str, key_header: str) -> None:
        self._chosen = chosen_headers(key, key_header)
        self._wire = httpx2.HTTPTransport(verify=authorities(), retries=0)
        # The library's transport lets nobody choose how it reads.
        self._wire._pool = httpcore2.ConnectionPool(
            ssl_context=authorities(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=TimedBackend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request, within the times that its extension `timeout` gives.

        `pool` is until the answer begins, `read` between two pieces, `write` as a whole.
        """
        given = request.extensions["timeout"]
        begin(Phases(given["pool"], given["read"], given["write"]))
        response = self._wire.handle_request(stripped(request, self._chosen))
        if is_compressed(response):
            response.close()
            raise TooLarge("the answer is compressed")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = (ErrorBody if response.is_error else Bounded)(response.stream)
        return response

    def close(self) -> None:
        self._wire.close()


class ChosenHeadersStreamed(httpx2.AsyncBaseTransport):
    """The same for answers that are read as they come, in an event loop."""

    def __init__(self, key: str, key_header: str) -> None:
        self._chosen = chosen_headers(key, key_header)
        limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=64)
        self._wire = httpx2.AsyncHTTPTransport(verify=authorities(), limits=limits, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return once its answer begins."""
        response = await self._wire.handle_async_request(stripped(request, self._chosen))
        if is_compressed(response):
            await response.aclose()
            raise TooLarge("the answer is compressed")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        reads = ErrorStream if response.is_error else BoundedStream
        response.stream = reads(response.stream)
        return response

    async def aclose(self) -> None:
        await self._wire.aclose()


@cache
def authorities() -> ssl.SSLContext:
    """Whose certificates count, read once per process: it takes some thirty milliseconds."""
    return httpx2.create_ssl_context()


def is_compressed(response: httpx2.Response) -> bool:
    """It was not asked for, and a small compressed body may unpack to anything."""
    return response.headers.get("content-encoding", "identity") != "identity"


def chosen_headers(key: str, key_header: str) -> dict[str, str]:
    """What we say ourselves, whatever the SDK would: the key in the server's way."""
    shown = {"api-key": key} if key_header == "api-key" else {"authorization": f"Bearer {key}"}
    return shown | {"accept-encoding": "identity", "user-agent": "firsthand"}


def stripped(request: httpx2.Request, chosen: dict[str, str]) -> httpx2.Request:
    """A copy with the chosen headers: the SDK reads marks of its own from the original's."""
    passing = {name: value for name, value in request.headers.items() if name in PASSING_HEADERS}
    return httpx2.Request(
        request.method,
        request.url,
        headers=passing | chosen,
        stream=request.stream,
        extensions=request.extensions,
    )
