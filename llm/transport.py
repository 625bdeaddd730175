"""The wire under the SDK: what leaves is what we chose, what comes is bounded in size and time.

The SDK reads organisation, project and custom headers from the environment and would send them,
and participants' text, to any host; here only headers on a list pass. An explicit transport also
means that proxies named in the environment are not used.
"""

import time
from collections.abc import AsyncIterator, Iterator

import httpx2

LARGEST = 2_000_000
LARGEST_STREAM = 16_000_000
"""Of a streamed answer: each token comes in an envelope of some two hundred bytes."""
PASSING_HEADERS = {
    "accept", "authorization", "connection", "content-length", "content-type", "host",
    "transfer-encoding",
}  # fmt: skip


class TooLarge(httpx2.TransportError):
    """The answer's body is larger than we read."""


class Bounded(httpx2.SyncByteStream):
    """A body that may neither exceed two megabytes nor take longer than the whole call may."""

    def __init__(self, stream: httpx2.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise TooLarge("the answer is larger than 2 MB")
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the answer took too long as a whole")
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


class ChosenHeaders(httpx2.BaseTransport):
    """Sends the headers on the list with our own key, and bounds what comes back."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._wire = httpx2.HTTPTransport(limits=httpx2.Limits(max_connections=64), retries=0)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. The read timeout bounds the whole of the answer, too."""
        allowed = request.extensions.get("timeout", {}).get("read") or 90.0
        deadline = time.monotonic() + allowed
        response = self._wire.handle_request(stripped(request, self._key))
        if is_compressed(response):
            response.close()
            raise TooLarge("the answer is compressed")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = Bounded(response.stream, deadline)
        return response

    def close(self) -> None:
        self._wire.close()


class ChosenHeadersStreamed(httpx2.AsyncBaseTransport):
    """The same for answers that are read as they come, in an event loop."""

    def __init__(self, key: str) -> None:
        self._key = key
        limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=64)
        self._wire = httpx2.AsyncHTTPTransport(limits=limits, retries=0)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return once its answer begins."""
        response = await self._wire.handle_async_request(stripped(request, self._key))
        if is_compressed(response):
            await response.aclose()
            raise TooLarge("the answer is compressed")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = BoundedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._wire.aclose()


def is_compressed(response: httpx2.Response) -> bool:
    """It was not asked for, and a small compressed body may unpack to anything."""
    return response.headers.get("content-encoding", "identity") != "identity"


def stripped(request: httpx2.Request, key: str) -> httpx2.Request:
    """A copy with the chosen headers: the SDK reads marks of its own from the original's."""
    passing = {name: value for name, value in request.headers.items() if name in PASSING_HEADERS}
    chosen = {
        "authorization": f"Bearer {key}",
        "accept-encoding": "identity",
        "user-agent": "firsthand",
    }
    return httpx2.Request(
        request.method,
        request.url,
        headers=passing | chosen,
        stream=request.stream,
        extensions=request.extensions,
    )
