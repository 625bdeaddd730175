"""What has to be in place before the site starts; each step skips what is already done."""

import hashlib
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from releases.erasure import ledger

# Their write-ahead logs need memory shared between hosts, which SQLite can't have.
REMOTE_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.s3fs"}

CONNECT_SECONDS = 3
DJANGOS_OWN = {"context", "cursor_factory", "prepare_threshold", "pool"}
"""Parameters that psycopg's pool or Django fill in, and a single connection does without."""


class NotPrepared(Exception):
    """The site can't start here; the message is a sentence for whoever starts it."""


def check_data_dir(mounts: Path = Path("/proc/mounts")) -> None:
    """Refuse a directory that can't be written to, or where SQLite would lose data."""
    probe = settings.DATA_DIR / ".writable"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise NotPrepared(f"DATA_DIR can't be written to: {error}") from error
    kind = filesystem_of(settings.DATA_DIR, mounts)
    if connection.vendor == "sqlite" and kind in REMOTE_FILESYSTEMS:
        raise NotPrepared(
            f"SQLite is not safe on {kind} ({settings.DATA_DIR}): set DATA_DIR to a local disk,"
            " or DATABASE_URL to a PostgreSQL server."
        )


def check_database() -> None:
    """Refuse a PostgreSQL that can't be reached, long before its pool would give up."""
    if connection.vendor != "postgresql":
        return
    chosen = connection.get_connection_params() | {"connect_timeout": CONNECT_SECONDS}
    parameters = {name: value for name, value in chosen.items() if name not in DJANGOS_OWN}
    try:
        psycopg.connect(**parameters).close()
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise NotPrepared(f"DATABASE_URL: the database can't be used: {reason}") from error


def filesystem_of(path: Path, mounts: Path) -> str:
    """The kind of file system that holds `path`, or "" where the system doesn't tell."""
    if not mounts.exists():
        return ""
    kinds = {}
    for line in mounts.read_text().splitlines():
        _device, place, kind, *_options = line.split()
        kinds[Path(place.replace("\\040", " "))] = kind
    return next((kinds[parent] for parent in [path, *path.parents] if parent in kinds), "")


def migrate() -> None:
    """Bring the tables up to date; a few queries if they are."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    # No migration makes it: the table of the cache that stands in for Redis.
    call_command("createcachetable", verbosity=0)


def reapply_erasures() -> None:
    """Erase again whom a restored backup brought back, before anybody can see them."""
    if not ledger.is_empty():
        call_command("reapply_erasures", verbosity=0)


def collect_static() -> None:
    """Copy, hash and compress static files, unless none has changed since the last time."""
    stamp = settings.DATA_DIR / "static.digest"
    digest = _digest_of_sources()
    if not stamp.exists() or stamp.read_text() != digest:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest)


def close_connections() -> None:
    """Give the database back what preparing took: the supervisor itself never asks it anything."""
    connections.close_all()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def _digest_of_sources() -> str:
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
