"""A pytest plugin that starts real servers and points the site's environment at them.

It is loaded by `-p` because pytest-django reads the settings before any conftest is imported.
One PostgreSQL serves the whole run (pytest-django makes a database per worker in it); every
process that runs tests has a data directory and a Valkey of its own.

TEST_DB=sqlite       run on SQLite files with the site's own SQLite settings
TEST_DATABASE_URL    run on this server instead of an embedded one
"""

import contextlib
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from config.places import broker_socket
from tests.servers import CannotStart, PostgresServer, ValkeyServer, short_directory

# What a developer's own environment or .env says must not reach the tests.
NEUTRAL = {
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "DEBUG": "false",
    "EMAIL_URL": "memory://",
    "HOST": "127.0.0.1",
    "LLM_ALLOW_PRIVATE": "true",
    "LLM_API_KEY": "",
    "LLM_BASE_URL": "",
    "LLM_HOSTS": "127.0.0.1,localhost,model.test",
    "LLM_KEY_NAMES": "",
    "LLM_MODEL": "",
    "LOG_LEVEL": "WARNING",
    "OPEN_SIGNUP": "false",
    "PORT": "8000",
    # Thousands of tests come from one address.
    "RATE_LIMITS": "false",
    "REDIS_URL": "",
    "SECRET_KEY": "only-for-tests",
    "SITE_URL": "http://localhost:8000",
}


def on_sqlite() -> bool:
    """Whether this run uses SQLite instead of PostgreSQL."""
    return os.environ.get("TEST_DB") == "sqlite"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the servers before anything can import the settings."""
    stack = contextlib.ExitStack()
    early_config.add_cleanup(stack.close)
    try:
        _start_servers(stack)
    except CannotStart as error:
        stack.close()
        pytest.exit(str(error), returncode=1)
    return (yield)


def _start_servers(stack: contextlib.ExitStack) -> None:
    os.environ.update(NEUTRAL)
    directory = stack.enter_context(short_directory())
    # xdist's workers inherit the address that the controlling process has set.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["DATABASE_URL"] = _database_url(stack, directory)
    data_dir = directory / "data"
    data_dir.mkdir()
    os.environ["DATA_DIR"] = str(data_dir)
    if on_sqlite():
        os.environ["DATABASE_URL"] = f"sqlite:///{data_dir / 'firsthand.sqlite3'}"
    broker = ValkeyServer(broker_socket(data_dir))
    broker.start()
    stack.callback(broker.stop)


def _database_url(stack: contextlib.ExitStack, directory: Path) -> str:
    if on_sqlite() or "TEST_DATABASE_URL" in os.environ:
        return os.environ.get("TEST_DATABASE_URL", "")
    server = PostgresServer(directory / "pg")
    server.start()
    stack.callback(server.stop)
    return server.url("firsthand")


def pytest_report_header() -> str:
    """Say which database the run uses."""
    return f"database: {'SQLite' if on_sqlite() else os.environ['DATABASE_URL']}"
