"""Where the site keeps what it makes for itself: its data, secret key and the broker's socket."""

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

# A Unix socket's path may hold 107 bytes; leave room for the file's name.
LONGEST_SOCKET_DIR = 90
# Their write-ahead logs need memory shared between hosts, which SQLite can't have.
REMOTE_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.s3fs"}


class NoPlace(Exception):
    """Data can't be kept there; the message is a sentence for whoever starts the site."""


def check_data_dir(data_dir: Path, *, is_sqlite: bool, mounts: Path = Path("/proc/mounts")) -> None:
    """Refuse a directory that can't be written to, or where SQLite would lose data."""
    probe = data_dir / ".writable"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise NoPlace(f"DATA_DIR can't be written to: {error}") from error
    kind = filesystem_of(data_dir, mounts)
    if is_sqlite and kind in REMOTE_FILESYSTEMS:
        raise NoPlace(
            f"SQLite is not safe on {kind} ({data_dir}): set DATA_DIR to a local disk,"
            " or DATABASE_URL to a PostgreSQL server."
        )


def filesystem_of(path: Path, mounts: Path) -> str:
    """The kind of file system that holds `path`, or "" where the system doesn't tell."""
    if not mounts.exists():
        return ""
    kinds = {}
    for line in mounts.read_text().splitlines():
        _device, place, kind, *_options = line.split()
        kinds[Path(place.replace("\\040", " "))] = kind
    return next((kinds[parent] for parent in [path, *path.parents] if parent in kinds), "")


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
