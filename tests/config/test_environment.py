"""Wrong values of the environment end a command with one sentence that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import for_celery, for_redis
from tests.site import ROOT

OWN = {"DATABASE_URL": "sqlite:///:memory:"}


def manage(command: str, data_dir: Path, **variables: str) -> tuple[int, str]:
    """The exit status and what was said on stderr."""
    environment = os.environ | OWN | {"DATA_DIR": str(data_dir)} | variables
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PORT", "http"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://someone:hidden@x/y"),
        ("JOB_THREADS", "-3"),
        ("WEB_PROCESSES", "0"),
        ("JOB_POLL_SECONDS", "0"),
        ("REDIS_URL", "http://localhost"),
        ("LLM_BASE_URL", "https://"),
    ],
)
def test_wrong_value_ends_with_a_sentence(tmp_path: Path, name: str, value: str) -> None:
    status, said = manage("version", tmp_path, **{name: value})

    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"The settings can't be used: {name}: ")
    assert "hidden" not in said


def test_endpoint_without_a_model_is_refused(tmp_path: Path) -> None:
    status, said = manage("version", tmp_path, LLM_BASE_URL="http://127.0.0.1:9/v1")

    assert (status, said.count("\n"), "LLM_MODEL" in said) == (1, 1, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("REDIS_URL", "redis://127.0.0.1:9/0"), ("DATABASE_URL", "postgresql://a:b@127.0.0.1:9/c")],
)
def test_up_names_the_server_that_does_not_answer(tmp_path: Path, name: str, value: str) -> None:
    status, said = manage("up", tmp_path, **{name: value})

    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"CommandError: {name}: ")


def test_new_data_dir_is_closed_to_others_and_an_old_one_is_left_alone(tmp_path: Path) -> None:
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    old.mkdir(mode=0o755)

    for directory in (fresh, old):
        assert manage("version", directory)[0] == 0

    assert [path.stat().st_mode & 0o777 for path in (fresh, old)] == [0o700, 0o755]


def test_a_sockets_address_suits_celery_and_redis() -> None:
    assert for_celery("unix:///run/valkey.sock") == "redis+socket:///run/valkey.sock"
    assert for_redis("redis+socket:///run/valkey.sock") == "unix:///run/valkey.sock"


def test_empty_database_url_stands_for_a_file_in_data_dir(tmp_path: Path) -> None:
    status, _ = manage("migrate", tmp_path, DATABASE_URL="")

    assert (status, (tmp_path / "firsthand.sqlite3").exists()) == (0, True)
