"""One web process, answering on a socket that the supervisor has opened.

The socket outlives the process, so that connections wait, instead of failing, while it restarts.
"""

import socket
import sys

import uvicorn

STOP_SECONDS = 10


def serve(descriptor: int) -> None:
    """Answer on the inherited listening socket until SIGTERM."""
    settings = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    uvicorn.Server(settings).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(int(sys.argv[1]))
