"""One HTTP exchange with an OpenAI-compatible server: the only place that touches the SDK.

It retries nothing, follows no redirect and interprets no answer. The SDK is imported at the first
call, as that takes a second that pages need not wait for.
"""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.conf import settings

from llm.errors import CallFailed, EndpointBroken, Unparseable
from llm.exchange import Reply
from llm.models import Endpoint
from llm.waiting import asked_to_wait

if TYPE_CHECKING:
    import httpx2
    from openai import APIConnectionError, AsyncOpenAI, OpenAI

CONNECT_SECONDS = 5.0
# Servers without keys ignore it; without any, the SDK would take one from the environment.
NO_KEY = "none"

_clients: dict[tuple[int, str, str], "OpenAI"] = {}
_making = threading.Lock()
# Connections belong to the event loop that opened them.
_streaming: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], AsyncOpenAI]]" = (
    WeakKeyDictionary()
)


def send(endpoint: Endpoint, body: dict[str, Any]) -> Reply:
    """Post a chat completion and return whatever the server answered, of any status.

    Raises `CallFailed` (net_connect, timeout), `Unparseable` (cut, too_large) when no whole
    answer came.
    """
    from openai import APIConnectionError, APIStatusError

    try:
        raw = _client_of(endpoint).chat.completions.with_raw_response.create(
            **_known_params(body), timeout=_timeout(endpoint)
        )
        return _reply(raw.http_response)
    except APIStatusError as error:
        return _reply(error.response)
    except APIConnectionError as error:
        raise _broken_off(error) from None


@asynccontextmanager
async def streaming(
    endpoint: Endpoint, body: dict[str, Any]
) -> AsyncIterator[tuple[Reply, AsyncIterator[bytes]]]:
    """Post a chat completion whose body (with `stream`) is read as it comes, in pieces of bytes.

    Of another status than 200 the reply holds the body and the pieces are none. Raises
    `CallFailed` and `Unparseable` as `send` does, also while pieces are read. Only connecting is
    bounded in time.
    """
    from openai import APIConnectionError, APIStatusError

    # The SDK would make an object of every piece, at several times the cost of the rest.
    create = _async_client_of(endpoint).chat.completions.with_streaming_response.create
    try:
        async with create(**_known_params(body), timeout=_connecting()) as answer:
            response = answer.http_response
            yield _head(response), _pieces(response)
    except APIStatusError as error:
        yield _reply(error.response), _nothing()
    except APIConnectionError as error:
        raise _broken_off(error) from None


async def _pieces(response: "httpx2.Response") -> AsyncIterator[bytes]:
    import httpx2

    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx2.TransportError as error:
        raise _cut_by(error) from None


async def _nothing() -> AsyncIterator[bytes]:
    none: tuple[bytes, ...] = ()
    for piece in none:
        yield piece


def _known_params(body: dict[str, Any]) -> dict[str, Any]:
    """The SDK names its parameters; all but two travel in `extra_body` and stay as they are."""
    extra = {name: value for name, value in body.items() if name not in ("model", "messages")}
    return {"model": body["model"], "messages": body["messages"], "extra_body": extra}


def _client_of(endpoint: Endpoint) -> "OpenAI":
    """The client of this address and key: one per process (pools don't survive a fork)."""
    key = settings.LLM_KEYS.get(endpoint.key_name, "") or NO_KEY
    name = (os.getpid(), endpoint.base_url, key)
    with _making:
        if name not in _clients:
            _clients[name] = _made(endpoint.base_url, key)
        return _clients[name]


def _async_client_of(endpoint: Endpoint) -> "AsyncOpenAI":
    """The client of this address and key for the running event loop."""
    key = settings.LLM_KEYS.get(endpoint.key_name, "") or NO_KEY
    clients = _streaming.setdefault(asyncio.get_running_loop(), {})
    name = (endpoint.base_url, key)
    if name not in clients:
        clients[name] = _made_async(endpoint.base_url, key)
    return clients[name]


async def close_streaming_clients() -> None:
    """Close the connections that the running event loop keeps open."""
    for client in _streaming.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


def close_clients() -> None:
    """Close every connection kept open; the next call makes them anew."""
    with _making:
        while _clients:
            _clients.popitem()[1].close()


def _made(base_url: str, key: str) -> "OpenAI":
    import httpx2
    from openai import OpenAI

    from llm.transport import ChosenHeaders

    _hush()
    return OpenAI(
        base_url=base_url,
        api_key=key,
        max_retries=0,
        http_client=httpx2.Client(transport=ChosenHeaders(key), follow_redirects=False),
    )


def _made_async(base_url: str, key: str) -> "AsyncOpenAI":
    import httpx2
    from openai import AsyncOpenAI

    from llm.transport import ChosenHeadersStreamed

    _hush()
    transport = ChosenHeadersStreamed(key)
    return AsyncOpenAI(
        base_url=base_url,
        api_key=key,
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport, follow_redirects=False),
    )


def _hush() -> None:
    """At the level DEBUG the SDK would log whole requests, with what participants wrote."""
    logging.getLogger("openai").setLevel(logging.WARNING)


def _connecting() -> "httpx2.Timeout":
    import httpx2

    return httpx2.Timeout(None, connect=CONNECT_SECONDS)


def _timeout(endpoint: Endpoint) -> "httpx2.Timeout":
    import httpx2

    return httpx2.Timeout(float(endpoint.timeout), connect=CONNECT_SECONDS)


def _reply(response: "httpx2.Response") -> Reply:
    # A database can't hold NUL; the rest is kept as it came.
    body = response.content.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return _head(response, body)


def _head(response: "httpx2.Response", body: str = "") -> Reply:
    headers = response.headers
    return Reply(
        status=response.status_code,
        body=body,
        content_type=headers.get("content-type", "").lower(),
        request_id=headers.get("x-request-id", "")[:200],
        retry_after=asked_to_wait(headers.get("retry-after-ms"), headers.get("retry-after")),
    )


def _broken_off(error: "APIConnectionError") -> Exception:
    """Our name for what broke an exchange; the address and the key stay out of it."""
    return _cut_by(error.__cause__)


def _cut_by(cause: BaseException | None) -> Exception:
    import httpx2

    from llm.transport import TooLarge

    if isinstance(cause, TooLarge):
        return Unparseable("too_large", str(cause), is_final=True)
    if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError | httpx2.PoolTimeout):
        return CallFailed("net_connect", "the server could not be reached")
    if isinstance(cause, httpx2.TimeoutException):
        return CallFailed("timeout", "no whole answer came in time")
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return EndpointBroken("bad_request", "the address is not an HTTP address")
    return Unparseable("cut", f"the connection broke ({type(cause).__name__})")
