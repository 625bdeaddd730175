"""One web process, answering on a socket that the supervisor has opened, or on HOST and PORT.

The supervisor's socket outlives the process, so connections wait, instead of failing, while it
restarts.
"""

import os
import socket
import sys
import threading

import django
import uvicorn
from django.conf import settings

from config.checks import check_site
from config.door import CannotListen, listening
from config.gate import wait_at

STOP_SECONDS = 10


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
    """Serve the inherited socket whose number is given; without one, a socket of our own.

    A second number is that of the supervisor's gate, before which is loaded what needs no data.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if arguments:
        number, *gates = map(int, arguments)
        serve_behind(gates, socket.socket(fileno=number))
        return
    if faults := check_site():
        sys.exit("\n".join(f"{fault.msg} {fault.hint}" for fault in faults))
    try:
        with listening(settings.HOST, settings.PORT) as door:
            serve(door)
    except CannotListen as error:
        sys.exit(str(error))


def serve_behind(gates: list[int], door: socket.socket) -> None:
    """Load, wait until each gate is open, and answer; beside it, look for processes that hang."""
    django.setup()
    # Its models can be imported only now that Django is set up.
    from config import warming
    from config.watching import watch

    warming.load()
    for gate in gates:
        wait_at(gate)
    watch(threading.Event())
    serve(door)


if __name__ == "__main__":
    main(sys.argv[1:])
