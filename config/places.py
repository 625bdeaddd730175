"""Where the site keeps what it makes for itself: its secret key and the broker's socket."""

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

# A Unix socket's path may hold 107 bytes; leave room for the file's name.
LONGEST_SOCKET_DIR = 90


def secret_key_in(data_dir: Path) -> str:
    """The key kept in `data_dir/secret_key`, made at first use and readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        fresh = data_dir / f"secret_key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        # Several processes may start at once: the first to link its key wins.
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()


def broker_socket(data_dir: Path) -> Path:
    """The embedded broker's socket: in `data_dir`, or in a short directory if that is too deep."""
    directory = data_dir / "run"
    if len(os.fsencode(directory)) > LONGEST_SOCKET_DIR:
        digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
        directory = Path(tempfile.gettempdir()) / f"firsthand-{digest}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / "valkey.sock"
