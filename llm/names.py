"""Looking a name up within a time: the machine's own way may hang for as long as a server does.

It cannot be broken off, so each name is looked up in a thread of its own, whose end nobody waits
for, and once for all who ask meanwhile.
"""

import os
import socket
import threading
from concurrent.futures import Future

SECONDS = 5.0
"""For whoever has no time limit of their own."""

Looking = Future[list[str]]

# By process too: a thread does not survive a fork.
_under_way: dict[tuple[int, str, int], Looking] = {}
_starting = threading.Lock()


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name; raises OSError if it has none, or none comes in time."""
    return looking_up(host, port).result(max(0.0, seconds))


def looking_up(host: str, port: int) -> Looking:
    """The look-up of a name that is under way; it ends in addresses or an OSError."""
    asked = (os.getpid(), host, port)
    with _starting:
        if asked not in _under_way:
            _under_way[asked] = _started(host, port)
        return _under_way[asked]


def _started(host: str, port: int) -> Looking:
    looking: Looking = Future()
    # Who stops waiting for it does not end it for others.
    looking.set_running_or_notify_cancel()
    # One that hangs must not keep the process from ending.
    threading.Thread(
        target=_look_up, args=(looking, host, port), name=f"look up {host}", daemon=True
    ).start()
    return looking


def _look_up(looking: Looking, host: str, port: int) -> None:
    try:
        found = _found(host, port)
    except OSError as error:
        _end(host, port)
        looking.set_exception(error)
    else:
        _end(host, port)
        looking.set_result(found)


def _found(host: str, port: int) -> list[str]:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("a part of the name is empty or too long") from None
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in entries))


def _end(host: str, port: int) -> None:
    """Who asks from now on asks anew."""
    with _starting:
        _under_way.pop((os.getpid(), host, port), None)
