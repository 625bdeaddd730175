"""The socket that web processes answer on; whoever opens it hands it to them."""

import contextlib
import socket
from collections.abc import Iterator

BACKLOG = 2048


class CannotListen(Exception):
    """The address is taken, or not ours; the message is a sentence for whoever starts it."""


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket that web processes answer on."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(
            f"{host}:{port} can't be listened on: {error.strerror or error}. Set PORT to another."
        ) from error
    with door:
        yield door
