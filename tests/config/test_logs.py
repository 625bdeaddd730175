"""What the log says of a request: everything but what lets its reader in."""

import logging
import stat
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.test import Client

from config.logs import Discreet, without_secrets
from config.supervisor import Program, Supervisor
from tests.studies.recruitment import PERSON, ids, study_with

TOKEN = "1a2b3c.SecretOfSomebody"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the site's own handler writes."""
    handlers = [row for row in logging.getLogger().handlers if isinstance(row.formatter, Discreet)]
    (handler,) = handlers
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    # `setStream` would flush the earlier stream, which another test's capture may have closed.
    handler.stream, earlier = written, handler.stream
    yield written
    handler.stream = earlier


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/s/alps/back/{}/", "/s/alps/i/{}/", "/erasures/{}/"])
def test_unknown_secret_is_not_in_the_log(client: Client, log: StringIO, path: str) -> None:
    study_with()

    client.get(path.format(TOKEN))

    begin = path.partition("{")[0]
    assert f"WARNING django.request Not Found: {begin}…" in log.getvalue()
    assert TOKEN not in log.getvalue()


@pytest.mark.django_db
def test_refused_form_tells_no_secret(log: StringIO) -> None:
    study_with()

    Client(enforce_csrf_checks=True).post(f"/s/alps/back/{TOKEN}/")

    assert "django.security.csrf" in log.getvalue()
    assert TOKEN not in log.getvalue()


@pytest.mark.django_db
def test_query_is_not_in_the_log(client: Client, log: StringIO) -> None:
    client.get("/s/nothing/", ids())
    logging.getLogger("elsewhere").error("No answer to %s", f"/s/alps/?PROLIFIC_PID={PERSON}")

    assert "No answer to /s/alps/?…" in log.getvalue()
    assert PERSON not in log.getvalue()


def test_traceback_tells_no_secret(log: StringIO) -> None:
    try:
        raise ValueError(f"/s/alps/i/{TOKEN}/ is odd")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /s/alps/")

    assert "ValueError: /s/alps/i/… is odd" in log.getvalue()


@pytest.mark.parametrize(
    "text", ["Not Found: /s/alps/survey/", "Forbidden: /s/alps/back/", "Really? Yes/no?", "a/i b"]
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert without_secrets(text) == text


def test_logs_are_for_us_alone(tmp_path: Path) -> None:
    (tmp_path / "true.log").touch(mode=0o644)
    supervisor = Supervisor(logs=tmp_path, directory=tmp_path, environment={})
    supervisor.add(Program("true", (sys.executable, "-c", "")))
    supervisor.stop()

    assert stat.S_IMODE((tmp_path / "true.log").stat().st_mode) == 0o600
