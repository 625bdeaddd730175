"""The wire under the SDK: what leaves is what we chose, what comes is bounded in size and time.

The SDK reads organisation, project and custom headers from the environment and would send them,
and participants' text, to any host; here only headers on a list pass. An explicit transport also
means that proxies named in the environment are not used.
"""

import time
from collections.abc import Iterator

import httpx2

LARGEST = 2_000_000
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


class ChosenHeaders(httpx2.BaseTransport):
    """Sends the headers on the list with our own key, and bounds what comes back."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._wire = httpx2.HTTPTransport(limits=httpx2.Limits(max_connections=64), retries=0)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. The read timeout bounds the whole of the answer, too."""
        allowed = request.extensions.get("timeout", {}).get("read") or 90.0
        deadline = time.monotonic() + allowed
        response = self._wire.handle_request(self._stripped(request))
        if response.headers.get("content-encoding", "identity") != "identity":
            # Not asked for, and a small compressed body may unpack to anything.
            response.close()
            raise TooLarge("the answer is compressed")
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = Bounded(response.stream, deadline)
        return response

    def _stripped(self, request: httpx2.Request) -> httpx2.Request:
        """A copy: the SDK reads marks of its own from the headers of the original."""
        passing = {
            name: value for name, value in request.headers.items() if name in PASSING_HEADERS
        }
        chosen = {
            "authorization": f"Bearer {self._key}",
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

    def close(self) -> None:
        self._wire.close()
