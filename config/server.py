"""One web process, answering on a socket that the supervisor has opened, or on HOST and PORT.

The supervisor's socket outlives the process, so connections wait, instead of failing, while it
restarts.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator

import uvicorn
from django.conf import settings

from config.checks import check_site

STOP_SECONDS = 10
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


class Server(uvicorn.Server):
    """A server that, asked to leave, first ends the replies that are still coming in."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Complete what is open, within its time; replies that are not over then are cut."""
        # Its models can be imported only once Django is set up.
        from collection.converse.hub import hub_here

        await super().shutdown(sockets)
        await hub_here().close()


def serve(door: socket.socket) -> None:
    """Answer on a listening socket until SIGTERM."""
    options = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # Django reads them, if TRUSTED_PROXIES says so
        log_level="warning",
        log_config=None,  # its lines are written like all others
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    Server(options).run(sockets=[door])


def main(arguments: list[str]) -> None:
    """Serve the inherited socket whose number is given; without one, a socket of our own."""
    if arguments:
        serve(socket.socket(fileno=int(arguments[0])))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if faults := check_site():
        sys.exit("\n".join(f"{fault.msg} {fault.hint}" for fault in faults))
    try:
        with listening(settings.HOST, settings.PORT) as door:
            serve(door)
    except CannotListen as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
