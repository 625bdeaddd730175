"""How the site is started: what comes first, the programs it is made of, and when it is ready."""

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings

from config.broker import broker_command
from config.door import listening
from config.gate import Gate
from config.places import check_data_dir
from config.processes import end_session, start_bound
from config.supervisor import Program, Supervisor, end_of, open_log

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where an own visit goes instead


class CannotStart(Exception):
    """The site can't start now; the message is a sentence for whoever starts it."""


def run(announce: Callable[[dict[str, Any]], None]) -> None:
    """Run the whole site until interrupted; `announce` is called once, when it answers.

    Nothing here loads more of Django than its settings: this process stays as long as the site.
    Web processes load while the data is prepared, and answer once it is.
    """
    check_data_dir(settings.DATA_DIR, is_sqlite=settings.IS_SQLITE)
    with only_one(settings.DATA_DIR), listening(settings.HOST, settings.PORT) as door:
        supervisor, gate = _supervisor(), Gate()
        try:
            with preparing(supervisor) as facts_of:
                _start_broker(supervisor)
                for program in web_programs(door.fileno(), gate.number):
                    supervisor.add(program)
                facts = facts_of()
            gate.open()
            for program in working_programs():
                supervisor.add(program)
            supervisor.tend_until(lambda: answers(settings.HOST, settings.PORT))
            announce(facts)
            supervisor.tend_forever()
        finally:
            supervisor.stop()


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


def web_programs(door: int, gate: int) -> Iterator[Program]:
    """Web processes on the socket `door`, which they open once the `gate` is."""
    command = (sys.executable, "-m", "config.server", str(door), str(gate))
    for number in range(1, settings.WEB_PROCESSES + 1):
        name = "web" if number == 1 else f"web-{number}"
        yield Program(name, command, pass_fds=(door, gate))


def working_programs() -> Iterator[Program]:
    """The worker and the sweeper."""
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
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
    # By hand: the client's library would be a third of this process.
    try:
        with socket.socket(socket.AF_UNIX) as visit:
            visit.settimeout(1)
            visit.connect(str(settings.BROKER_SOCKET))
            visit.sendall(b"PING\r\n")
            return visit.recv(16).startswith(b"+PONG")
    except OSError:
        return False


@contextlib.contextmanager
def preparing(supervisor: Supervisor) -> Iterator[Callable[[], dict[str, Any]]]:
    """Prepare in a process of its own; what is yielded waits for the facts, or raises."""
    result, told = os.pipe()
    log = supervisor.logs / "preparing.log"
    with open(result, encoding="utf-8") as lines, open_log(log) as output:
        process = start_bound(
            (sys.executable, "-m", "config.preparing", str(told)),
            output=output,
            directory=supervisor.directory,
            environment=supervisor.environment,
            pass_fds=(told,),
        )
        os.close(told)
        try:
            yield lambda: _facts(lines.read(), process, log)
        finally:
            end_session(process)


def _facts(outcome: str, process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    process.wait()  # It may still be writing down why it failed.
    if not outcome:
        raise CannotStart(f"The data was not prepared; {log} ends with:\n{end_of(log)}")
    told: dict[str, Any] = json.loads(outcome)
    if "refusal" in told:
        raise CannotStart(told["refusal"])
    facts: dict[str, Any] = told["facts"]
    return facts
