"""How the site is started: what comes first, the programs it is made of, and when it is ready."""

import contextlib
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import preparation
from config.broker import broker_command
from config.environment import for_redis
from config.server import listening
from config.supervisor import Program, Supervisor
from config.watching import watch

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where an own visit goes instead

REDIS_SECONDS = 1.5
"""For connecting, and for an answer."""


class CannotStart(Exception):
    """The site can't start now; the message is a sentence for whoever starts it."""


def run(announce: Callable[[dict[str, Any]], None]) -> None:
    """Run the whole site until interrupted; `announce` is called once, when it answers."""
    preparation.check_data_dir()
    preparation.check_database()
    check_redis()
    with only_one(settings.DATA_DIR), listening(settings.HOST, settings.PORT) as door:
        supervisor, stop = _supervisor(), threading.Event()
        try:
            _start_broker(supervisor)
            facts = _prepare()
            for program in programs(door.fileno()):
                supervisor.add(program)
            supervisor.tend_until(lambda: answers(settings.HOST, settings.PORT))
            announce(facts)
            watch(stop)
            supervisor.tend_forever()
        finally:
            stop.set()
            supervisor.stop()


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
        raise CannotStart(f"REDIS_URL: no Redis or Valkey answers there: {error}") from error
    finally:
        client.close()


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold `data_dir` for this process; the system lets go of it however the process ends."""
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise CannotStart(
                f"Firsthand already runs with DATA_DIR {data_dir} (process {lock.read().strip()})."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def programs(door: int) -> Iterator[Program]:
    """All but the broker: web processes on the socket `door`, the worker and the sweeper."""
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
    for number in range(1, settings.WEB_PROCESSES + 1):
        name = "web" if number == 1 else f"web-{number}"
        yield Program(name, (python, "-m", "config.server", str(door)), pass_fds=(door,))
    worker = (python, "-m", "celery", "-A", "config.celery", "worker")
    modest = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-Ofair")
    processes = ("--concurrency", str(settings.WORKER_PROCESSES), "--loglevel", settings.LOG_LEVEL)
    yield Program("worker", worker + modest + processes)
    yield Program("sweeper", (python, manage, "sweep"))


def answers(host: str, port: int) -> bool:
    """Whether the web process answers."""
    visit = HTTPConnection(ANYWHERE.get(host, host), port, timeout=1)
    try:
        visit.request("GET", "/healthz")
        return visit.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        visit.close()


def _supervisor() -> Supervisor:
    logs = settings.DATA_DIR / "logs"
    logs.mkdir(exist_ok=True)
    # They start in another directory than we did, so what was relative must not be.
    environment = os.environ | {"DATA_DIR": str(settings.DATA_DIR)}
    return Supervisor(logs=logs, directory=settings.BASE_DIR, environment=environment)


def _start_broker(supervisor: Supervisor) -> None:
    if settings.REDIS_URL:
        return
    directory = settings.DATA_DIR / "broker"
    directory.mkdir(exist_ok=True)
    command = broker_command(socket=settings.BROKER_SOCKET, directory=directory)
    supervisor.add(Program("broker", tuple(command)))
    supervisor.tend_until(_broker_answers)


def _broker_answers() -> bool:
    client = redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET))
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _prepare() -> dict[str, Any]:
    # The demo reaches into every package, which start-up checks alone don't need.
    from config import demo

    preparation.migrate()
    preparation.reapply_erasures()
    preparation.collect_static()
    facts: dict[str, Any] = demo.prepare()
    preparation.close_connections()
    return facts
