"""Connecting to the address that was checked, and not to what a name means a moment later.

The time to connect is for all of it: looking the name up, and trying its addresses in turn.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from llm import names
from llm.addresses import AddressRefused, check_host, checked, parts_of

GOOD_FOR = 60.0
"""Seconds for which a name is not looked up again."""
SOONEST = 0.1
"""Seconds that an address is given at least."""
CANNOT_CONNECT = (httpx2.ConnectError, httpx2.ConnectTimeout)


class NotAllowed(httpx2.TransportError):
    """Questions may not go there; nothing was sent."""


class Pins:
    """The checked addresses of the names that one client asks."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    def of(self, url: httpx2.URL, seconds: float) -> list[str]:
        """Where to connect; raises `NotAllowed`, or ConnectError for a name of nothing."""
        if known := self._good(url):
            return known
        with _told():
            host, port = _looked_for(url)
            return self._kept(url, names.addresses_of(host, port, seconds))

    async def of_streamed(self, url: httpx2.URL, seconds: float) -> list[str]:
        """The same in an event loop, which others use meanwhile."""
        if known := self._good(url):
            return known
        with _told():
            looking = names.looking_up(*_looked_for(url))
            found = await asyncio.wait_for(asyncio.wrap_future(looking), seconds)
            return self._kept(url, found)

    def _good(self, url: httpx2.URL) -> list[str]:
        """What was found out a moment ago; nothing, if it must be looked up."""
        until, addresses = self._known.get(_origin(url), (0.0, []))
        return addresses if time.monotonic() < until else []

    def _kept(self, url: httpx2.URL, found: list[str]) -> list[str]:
        origin = _origin(url)
        host, _port, is_secure = parts_of(origin)
        addresses = checked(host, found, is_secure=is_secure)
        self._known[origin] = (time.monotonic() + GOOD_FOR, addresses)
        return addresses


def _looked_for(url: httpx2.URL) -> tuple[str, int]:
    host, port, _is_secure = parts_of(_origin(url))
    check_host(host)
    return host, port


@contextmanager
def _told() -> Iterator[None]:
    """What can go wrong, in the words of the library."""
    try:
        yield
    except AddressRefused as refusal:
        raise NotAllowed(str(refusal)) from None
    except TimeoutError:
        raise httpx2.ConnectTimeout("the name was not looked up in time") from None
    except OSError:
        raise httpx2.ConnectError("the name has no address") from None


def _origin(url: httpx2.URL) -> str:
    return str(url.copy_with(raw_path=b"/"))


def pinned(request: httpx2.Request, addresses: list[str], began: float) -> Iterator[httpx2.Request]:
    """The request as it goes to each address in turn; the name is said and its proof demanded.

    What has passed since it `began` is gone from its time to connect and from the whole. Each
    address but the last gets half of what is left, so that one that is silent leaves some.
    """
    given = request.extensions["timeout"]
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        passed = time.monotonic() - began
        if passed >= given["connect"] and left < len(addresses):
            return
        to_connect = (given["connect"] - passed) / (1 if left == 1 else 2)
        whole = given["write"] and max(SOONEST, given["write"] - passed)
        timeout = {**given, "connect": max(SOONEST, to_connect), "write": whole}
        yield httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={
                **request.extensions,
                "sni_hostname": request.url.host,
                "timeout": timeout,
            },
        )


class Pinned(httpx2.BaseTransport):
    """Lets requests through to checked addresses only."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        self._pins = Pins()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to the first address that lets us connect."""
        began, problem = time.monotonic(), _nowhere()
        addresses = self._pins.of(request.url, _to_connect(request))
        for one in pinned(request, addresses, began):
            try:
                return self._inner.handle_request(one)
            except CANNOT_CONNECT as error:
                problem = error
        raise problem

    def close(self) -> None:
        self._inner.close()


class PinnedStreamed(httpx2.AsyncBaseTransport):
    """The same in an event loop."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self._pins = Pins()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to the first address that lets us connect."""
        began, problem = time.monotonic(), _nowhere()
        addresses = await self._pins.of_streamed(request.url, _to_connect(request))
        for one in pinned(request, addresses, began):
            try:
                return await self._inner.handle_async_request(one)
            except CANNOT_CONNECT as error:
                problem = error
        raise problem

    async def aclose(self) -> None:
        await self._inner.aclose()


def _to_connect(request: httpx2.Request) -> float:
    seconds: float = request.extensions["timeout"]["connect"]
    return seconds


def _nowhere() -> Exception:
    return httpx2.ConnectError("the name has no address")
