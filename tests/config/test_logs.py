"""What the log says of a request or a job: everything but what lets its reader in."""

import json
import logging
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.logs import FORMS, Discreet, logging_at, without_secrets
from config.supervisor import Program, Supervisor
from tests.studies.recruitment import PERSON, ids, study_with
from work import queue, registry
from work.claims import Claim
from work.errors import GiveUp, RetryLater
from work.execution import do_next
from work.queue import finishing
from work.traces import begin, ids_here, note, noted

TOKEN = "1a2b3c.SecretOfSomebody"


@contextmanager
def _written(form: str) -> Iterator[StringIO]:
    """What the site's own handler writes from INFO on."""
    handlers = [row for row in logging.getLogger().handlers if isinstance(row.formatter, Discreet)]
    (handler,) = handlers
    assert isinstance(handler, logging.StreamHandler)
    begin()
    written, level, formatter = StringIO(), logging.getLogger().level, handler.formatter
    handler.setFormatter(FORMS[form]())
    logging.getLogger().setLevel(logging.INFO)
    # `setStream` would flush the earlier stream, which another test's capture may have closed.
    handler.stream, earlier = written, handler.stream
    yield written
    handler.stream = earlier
    handler.setFormatter(formatter)
    logging.getLogger().setLevel(level)


@pytest.fixture(params=FORMS)
def log(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """The log in either form."""
    with _written(request.param) as written:
        yield written


@pytest.fixture
def rows() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log as objects."""
    with _written("json") as written:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]


# -- What must not be in it ----------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/s/alps/back/{}/", "/s/alps/i/{}/", "/erasures/{}/"])
def test_unknown_secret_is_not_in_the_log(client: Client, log: StringIO, path: str) -> None:
    study_with()

    client.get(path.format(TOKEN))

    said = log.getvalue().encode().decode("unicode_escape").encode("latin-1", "replace").decode()
    assert f"Not Found: {path.partition('{')[0]}" in said
    assert "django.request" in said
    assert TOKEN not in said


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

    assert "No answer to /s/alps/?" in log.getvalue()
    assert PERSON not in log.getvalue()


def test_traceback_tells_no_secret(log: StringIO) -> None:
    try:
        raise ValueError(f"/s/alps/i/{TOKEN}/ is odd")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /s/alps/")

    assert "ValueError: /s/alps/i/" in log.getvalue()
    assert TOKEN not in log.getvalue()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Not Found: /s/alps/survey/", None),
        ("Forbidden: /s/alps/back/", None),
        ("Really? Yes/no?", None),
        ("a/i b", None),
        ("the bearer of a task-force", None),
        ("Incorrect API key: sk-proj-1234567890", "Incorrect API key: sk-…"),
        ("sent Bearer abc.def-ghi", "sent Bearer …"),
        ("Authorization: Token 0123456789", "Authorization: Token …"),
        ("null value\nDETAIL: Failing row contains (Ada,\n1).", "null value\nDETAIL: …"),
    ],
)
def test_only_secrets_are_left_out(text: str, safe: str | None) -> None:
    assert without_secrets(text) == (text if safe is None else safe)


@pytest.mark.parametrize(
    "nasty", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\x00b"]
)
def test_text_begins_no_line_of_its_own(log: StringIO, nasty: str) -> None:
    logging.getLogger("elsewhere").error("Said a%sb", nasty)

    (line,) = log.getvalue().splitlines()
    assert nasty not in line
    assert line.isprintable()


def test_traceback_begins_no_line_of_its_own(log: StringIO) -> None:
    forged = "2026-01-01T00:00:00.000Z INFO work.reporting Job ok"
    try:
        raise ValueError(f"x\n{forged}\x1b[0m")
    except ValueError:
        logging.getLogger("elsewhere").exception("It failed")

    assert forged not in log.getvalue().splitlines()
    assert "\x1b" not in log.getvalue()


# -- Whom a line is about ------------------------------------------------------


@pytest.mark.django_db
def test_request_has_the_id_that_it_came_with(client: Client, log: StringIO) -> None:
    answer = client.get("/nothing/", headers={"X-Request-ID": "from-the-proxy-1"})

    assert answer["X-Request-ID"] == "from-the-proxy-1"
    assert "from-the-proxy-1" in log.getvalue()


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "new\tline-here", "ada@example.org"])
def test_strange_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})

    assert len(answer["X-Request-ID"]) == 36


def test_each_request_has_an_id_of_its_own(client: Client) -> None:
    names = {client.get("/healthz")["X-Request-ID"] for _ in range(3)}

    assert len(names) == 3


def test_ids_are_forgotten_with_what_they_name() -> None:
    begin(request_id="r1")
    with noted(job_id="j1", run_id=None):
        note(endpoint="fake")
        inside = dict(ids_here())

    assert inside == {"request_id": "r1", "job_id": "j1", "endpoint": "fake"}
    assert ids_here() == {"request_id": "r1"}


def _done(claim: Claim) -> None:
    note(endpoint="fake")
    with finishing(claim, "ok"):
        pass


def _busy(claim: Claim) -> None:
    raise RetryLater("server: HTTP 503")


def _hopeless(claim: Claim) -> None:
    raise GiveUp("auth: HTTP 401")


def _broken(claim: Claim) -> None:
    raise ValueError("what Ada wrote")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("handler", "outcome"),
    [(_done, "ok"), (_busy, "ready"), (_hopeless, "dead"), (_broken, "ready")],
)
def test_attempt_at_a_job_is_one_line(
    rows: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    handler: registry.Handler,
    outcome: str,
) -> None:
    monkeypatch.setattr(registry, "_handlers", {"judge": handler})
    job = queue.enqueue(kind="judge", key={"n": 1}, payload={}, scope="study:alps")

    do_next("w1")

    (line,) = [row for row in rows() if row["level"] == "INFO"]
    assert line["ms"] >= 0
    facts = {name: line[name] for name in ("job_id", "kind", "outcome", "attempt")}
    assert facts == {"job_id": str(job.pk), "kind": "judge", "outcome": outcome, "attempt": 1}
    assert ("endpoint" in line) == (handler is _done)
    assert "Ada" not in line["message"]


def test_form_is_json_unless_somebody_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", StringIO())

    named = [logging_at("INFO", form)["formatters"]["discreet"]["()"] for form in ("", "text")]
    assert named == [FORMS["json"], FORMS["text"]]


def test_logs_are_for_us_alone(tmp_path: Path) -> None:
    (tmp_path / "true.log").touch(mode=0o644)
    supervisor = Supervisor(logs=tmp_path, directory=tmp_path, environment={})
    supervisor.add(Program("true", (sys.executable, "-c", "")))
    supervisor.stop()

    assert stat.S_IMODE((tmp_path / "true.log").stat().st_mode) == 0o600
