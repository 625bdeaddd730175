"""What has to be in place before the site starts; each step skips what is already done."""

import hashlib
from pathlib import Path

import psycopg
import redis
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.environment import for_redis
from releases.erasure import ledger

CONNECT_SECONDS = 3
REDIS_SECONDS = 1.5
"""For connecting, and for an answer."""
DJANGOS_OWN = {"context", "cursor_factory", "prepare_threshold", "pool"}
"""Parameters that psycopg's pool or Django fill in, and a single connection does without."""


class NotPrepared(Exception):
    """The site can't start here; the message is a sentence for whoever starts it."""


def prepare() -> None:
    """All of it, in order."""
    check_database()
    check_redis()
    migrate()
    reapply_erasures()
    collect_static()


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


def check_redis() -> None:
    """Refuse a REDIS_URL that nobody answers at; our own broker is waited for when it starts."""
    if not settings.REDIS_URL:
        return
    client = redis.Redis.from_url(
        for_redis(settings.REDIS_URL),
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
    )
    try:
        client.ping()
    except redis.RedisError as error:
        raise NotPrepared(f"REDIS_URL: no Redis or Valkey answers there: {error}") from error
    finally:
        client.close()


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


def _digest_of_sources() -> str:
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
