"""Connecting to the address that was checked, and not to what a name means a moment later."""

import asyncio
import time
from collections.abc import Iterator

import httpx2

from llm.addresses import AddressRefused, check_host, parts_of, resolved

GOOD_FOR = 60.0
"""Seconds for which a name is not looked up again."""
CANNOT_CONNECT = (httpx2.ConnectError, httpx2.ConnectTimeout)


class NotAllowed(httpx2.TransportError):
    """Questions may not go there; nothing was sent."""


class Pins:
    """The checked addresses of the names that one client asks."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    def of(self, url: httpx2.URL) -> list[str]:
        """Where to connect; raises `NotAllowed`, or ConnectError for a name of nothing."""
        if known := self.known(url):
            return known
        origin = _origin(url)
        try:
            host, port, is_secure = parts_of(origin)
            check_host(host)
            addresses = resolved(host, port, is_secure=is_secure)
        except AddressRefused as refusal:
            raise NotAllowed(str(refusal)) from None
        except OSError:
            raise httpx2.ConnectError("the name has no address") from None
        self._known[origin] = (time.monotonic() + GOOD_FOR, addresses)
        return addresses

    def known(self, url: httpx2.URL) -> list[str]:
        """What was found out a moment ago; nothing, if it must be looked up."""
        until, addresses = self._known.get(_origin(url), (0.0, []))
        return addresses if time.monotonic() < until else []


def _origin(url: httpx2.URL) -> str:
    return str(url.copy_with(raw_path=b"/"))


def pinned(request: httpx2.Request, addresses: list[str]) -> Iterator[httpx2.Request]:
    """The request as it goes to each address in turn; the name is said and its proof demanded."""
    name = request.url.host
    for address in addresses:
        yield httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": name},
        )


class Pinned(httpx2.BaseTransport):
    """Lets requests through to checked addresses only."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        self._pins = Pins()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to the first address that lets us connect."""
        problem: Exception | None = None
        for one in pinned(request, self._pins.of(request.url)):
            try:
                return self._inner.handle_request(one)
            except CANNOT_CONNECT as error:
                problem = error
        raise problem or httpx2.ConnectError("the name has no address")

    def close(self) -> None:
        self._inner.close()


class PinnedStreamed(httpx2.AsyncBaseTransport):
    """The same in an event loop."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self._pins = Pins()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to the first address that lets us connect."""
        problem: Exception | None = None
        # Looking a name up may take seconds, which others need not wait for.
        addresses = self._pins.known(request.url) or await asyncio.to_thread(
            self._pins.of, request.url
        )
        for one in pinned(request, addresses):
            try:
                return await self._inner.handle_async_request(one)
            except CANNOT_CONNECT as error:
                problem = error
        raise problem or httpx2.ConnectError("the name has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()
