"""A web server of one's own for a dry run: the installation's site, on loopback, for its length."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


def answers(url: str) -> bool:
    """Does a site answer at the address?"""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def own_site() -> Iterator[str]:
    """Start the web server with this process's settings; its address. Ended afterwards."""
    url = f"http://127.0.0.1:{_free_port()}"
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
    options = ["--port", url.rpartition(":")[2], "--no-access-log", "--lifespan", "off"]
    web = subprocess.Popen(
        [*command, *options, "--ws", "none", "--log-level", "warning"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(url, web)
        yield url
    finally:
        web.terminate()
        web.wait()


def _wait_for(url: str, web: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if time.monotonic() > deadline or web.poll() is not None:
            raise TimeoutError("The web server did not start; name a running site with --url.")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
