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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.conf import settings

from llm.errors import CallFailed, EndpointBroken, Unparseable
from llm.exchange import Reply
from llm.hiding import Veil, without
from llm.keys import key_of
from llm.models import Endpoint
from llm.waiting import asked_to_wait

if TYPE_CHECKING:
    import httpx2
    from openai import APIConnectionError, AsyncOpenAI, OpenAI
    from openai._types import RequestOptions

CONNECT_SECONDS = 5.0
"""For looking the name up and trying its addresses."""
LEASE_SHARE = 0.9
"""Of a job's lease, that a call may take at most: who holds a job longer has lost it."""
# Servers without keys ignore it; without any, the SDK would take one from the environment.
NO_KEY = "none"
NAME_HEADER = "X-Client-Request-Id"

_clients: dict[tuple[int, "Account"], "OpenAI"] = {}
_making = threading.Lock()
# Connections belong to the event loop that opened them.
_streaming: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Account, AsyncOpenAI]]" = (
    WeakKeyDictionary()
)


def load() -> None:
    """Import the SDK: done before a call is opened, as it may take seconds of the job's lease."""
    import httpx2  # noqa: F401
    import openai  # noqa: F401


def send(endpoint: Endpoint, path: str, body: dict[str, Any], name: str) -> Reply:
    """Post a question and return whatever the server answered, of any status.

    `name` is the question's own, by which a provider's log and our ledger can be compared.
    Raises `CallFailed` (net_connect, timeout), `Unparseable` (cut, too_large) when no whole
    answer came.
    """
    import httpx2
    from openai import APIConnectionError, APIStatusError

    options: RequestOptions = {
        "timeout": _timeout(endpoint),
        "params": _query(endpoint),
        "headers": {NAME_HEADER: name},
    }
    account = _account_of(endpoint)
    try:
        posted = _client_of(account).post(path, cast_to=httpx2.Response, body=body, options=options)
        return _reply(posted, account)
    except APIStatusError as error:
        return _reply(error.response, account)
    except APIConnectionError as error:
        raise _broken_off(error) from None


@asynccontextmanager
async def streaming(
    endpoint: Endpoint, body: dict[str, Any], name: str
) -> AsyncIterator[tuple[Reply, AsyncIterator[bytes]]]:
    """Post a chat completion whose body (with `stream`) is read as it comes, in pieces of bytes.

    They may repeat the key: what is made of them passes through `veil_for` the endpoint. Of another
    status than 200 the reply holds the body and the pieces are none. Raises `CallFailed` and
    `Unparseable` as `send` does, also while pieces are read. Only connecting is bounded in time.
    """
    import httpx2
    from openai import APIConnectionError, APIStatusError

    # The SDK would make an object of every piece, at several times the cost of the rest.
    account = _account_of(endpoint)
    create = _async_client_of(account).chat.completions.with_streaming_response.create
    known = _known_params(body) | {
        "extra_query": _query(endpoint),
        "extra_headers": {NAME_HEADER: name},
    }
    try:
        async with create(**known, timeout=_connecting()) as answer:
            response = answer.http_response
            yield _head(response, account), _pieces(response)
    except APIStatusError as error:
        yield _reply(error.response, account), _nothing()
    except APIConnectionError as error:
        raise _broken_off(error) from None
    except httpx2.TransportError as error:
        # What the SDK meets when it reads further it hands on as it is.
        raise _cut_by(error) from None


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


@dataclass(frozen=True)
class Account:
    """Where a client sends, and as whom; the key stays out of any text that shows it."""

    base_url: str
    key_header: str
    key: str = field(repr=False)

    def hide(self, text: str, status: int) -> str:
        """The text without the key, which some servers repeat."""
        return without(self.key, text, status)


def veil_for(endpoint: Endpoint) -> Veil:
    """Hides its key in text that comes in pieces."""
    return Veil(key_of(endpoint))


def _account_of(endpoint: Endpoint) -> Account:
    return Account(endpoint.base_url, endpoint.key_header, key_of(endpoint) or NO_KEY)


def _client_of(account: Account) -> "OpenAI":
    """The client of this address and key: one per process (pools don't survive a fork)."""
    name = (os.getpid(), account)
    with _making:
        if name not in _clients:
            _clients[name] = _made(account)
        return _clients[name]


def _async_client_of(account: Account) -> "AsyncOpenAI":
    """The client of this address and key for the running event loop."""
    clients = _streaming.setdefault(asyncio.get_running_loop(), {})
    if account not in clients:
        clients[account] = _made_async(account)
    return clients[account]


async def close_streaming_clients() -> None:
    """Close the connections that the running event loop keeps open."""
    for client in _streaming.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


def close_clients() -> None:
    """Close every connection kept open; the next call makes them anew."""
    with _making:
        while _clients:
            _clients.popitem()[1].close()


def _made(account: Account) -> "OpenAI":
    import httpx2
    from openai import OpenAI

    from llm.pinning import Pinned
    from llm.transport import ChosenHeaders

    _hush()
    transport = Pinned(ChosenHeaders(account.key, account.key_header))
    return OpenAI(
        base_url=account.base_url,
        api_key=account.key,
        max_retries=0,
        http_client=httpx2.Client(transport=transport, follow_redirects=False),
    )


def _made_async(account: Account) -> "AsyncOpenAI":
    import httpx2
    from openai import AsyncOpenAI

    from llm.pinning import PinnedStreamed
    from llm.transport import ChosenHeadersStreamed

    _hush()
    transport = PinnedStreamed(ChosenHeadersStreamed(account.key, account.key_header))
    return AsyncOpenAI(
        base_url=account.base_url,
        api_key=account.key,
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport, follow_redirects=False),
    )


def _hush() -> None:
    """At the level DEBUG they would log whole requests, with what participants wrote."""
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _connecting() -> "httpx2.Timeout":
    import httpx2

    return httpx2.Timeout(None, connect=CONNECT_SECONDS)


def _query(endpoint: Endpoint) -> dict[str, object]:
    return dict(endpoint.extra_query)


def _timeout(endpoint: Endpoint) -> "httpx2.Timeout":
    import httpx2

    total = min(float(endpoint.timeout), settings.JOB_LEASE_SECONDS * LEASE_SHARE)
    first = min(float(endpoint.first_byte_timeout), total)
    # The wire reads them as phases: see `llm.transport`.
    return httpx2.Timeout(
        connect=min(CONNECT_SECONDS, total),
        pool=first,
        read=float(endpoint.idle_timeout),
        write=total,
    )


def _reply(response: "httpx2.Response", account: Account) -> Reply:
    # A database can't hold NUL; the rest is kept as it came, but for our own key.
    body = response.content.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return _head(response, account, account.hide(body, response.status_code))


def _head(response: "httpx2.Response", account: Account, body: str = "") -> Reply:
    headers = response.headers
    return Reply(
        status=response.status_code,
        body=body,
        content_type=headers.get("content-type", "").lower(),
        request_id=account.hide(headers.get("x-request-id", ""), response.status_code)[:200],
        retry_after=asked_to_wait(headers.get("retry-after-ms"), headers.get("retry-after")),
    )


def _broken_off(error: "APIConnectionError") -> Exception:
    """Our name for what broke an exchange; the address and the key stay out of it."""
    return _cut_by(error.__cause__)


def _cut_by(cause: BaseException | None) -> Exception:
    import httpx2

    from llm.pinning import NotAllowed
    from llm.transport import TooLarge

    if isinstance(cause, NotAllowed):
        return EndpointBroken("address_refused", str(cause))
    if isinstance(cause, TooLarge):
        return Unparseable("too_large", str(cause), is_final=True)
    if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError | httpx2.PoolTimeout):
        return CallFailed("net_connect", "the server could not be reached")
    if isinstance(cause, httpx2.TimeoutException):
        return CallFailed("timeout", "no whole answer came in time")
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return EndpointBroken("bad_request", "the address is not an HTTP address")
    return Unparseable("cut", f"the connection broke ({type(cause).__name__})")
