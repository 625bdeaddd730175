"""The time limits of one exchange, minded at every read from the wire.

A timeout of the HTTP library begins anew with each piece that comes, so that a server that sends a
byte now and then would hold a worker for ever; these add up.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2


class Phases:
    """From now: seconds until the answer begins, between two pieces of it, and as a whole."""

    def __init__(self, first: float, idle: float, total: float) -> None:
        self._idle = idle
        self._began = False
        now = time.monotonic()
        self._first_until, self._until = now + first, now + total

    def patience(self) -> float:
        """How long the next piece may take; 0 if time is up."""
        now = time.monotonic()
        nearer = now + self._idle if self._began else self._first_until
        return max(0.0, min(nearer, self._until) - now)

    def remaining(self) -> float:
        """Of the whole."""
        return max(0.0, self._until - time.monotonic())

    def hear(self) -> None:
        """A piece has come."""
        self._began = True


class _Current(threading.local):
    phases: Phases | None = None


_current = _Current()


def begin(phases: Phases) -> None:
    """From now on these limits hold for what this thread reads."""
    _current.phases = phases


class TimedStream(httpcore2.NetworkStream):
    """A connection whose reads and writes keep to the limits of the exchange it serves."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        phases = _current.phases
        if phases is None:
            return self._inner.read(max_bytes, timeout)
        patience = phases.patience()
        if not patience:
            raise httpcore2.ReadTimeout("the answer took too long")
        data = self._inner.read(max_bytes, patience)
        phases.hear()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        phases = _current.phases
        remaining = timeout if phases is None else phases.remaining()
        if phases is not None and not remaining:
            raise httpcore2.WriteTimeout("the question took too long to send")
        self._inner.write(buffer, remaining)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        within = _within(timeout)
        return TimedStream(self._inner.start_tls(ssl_context, server_hostname, within))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class TimedBackend(httpcore2.NetworkBackend):
    """Opens connections that keep to the limits."""

    def __init__(self) -> None:
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        return TimedStream(
            self._inner.connect_tcp(host, port, _within(timeout), local_address, socket_options)
        )


def _within(timeout: float | None) -> float | None:
    """A time to connect that is no longer than the whole has left."""
    if _current.phases is None:
        return timeout
    remaining = _current.phases.remaining()
    if not remaining:
        raise httpcore2.ConnectTimeout("no time is left to connect")
    return remaining if timeout is None else min(timeout, remaining)
