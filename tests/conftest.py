"""What every test shares: quick settings, the browser, and honest reasons for skipping."""

import gc
import glob
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from django.utils import translation

from tests.emptying import delete_rows
from tests.services import on_sqlite

MANAGED_CHROMIUM = "~/.cache/ms-playwright/chromium*/**/chrome"


# Neither examples nor their making are timed: machines are noisy. They are the same ones in every
# run; `--hypothesis-profile=searching` draws others.
hypothesis.settings.register_profile(
    "firsthand",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "searching", hypothesis.settings.get_profile("firsthand"), derandomize=False
)
hypothesis.settings.load_profile("firsthand")


def pytest_configure() -> None:
    """Trade what tests don't look at for speed."""
    # The browser's driver leaves an event loop running in the tests' thread; the site has none.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    TransactionTestCase._fixture_teardown = delete_rows  # type: ignore[attr-defined]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Served straight from the sources: nothing has to be collected first.
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.WHITENOISE_USE_FINDERS = True
    # Looked for when asked for: each test's client would begin by listing hundreds of files.
    settings.WHITENOISE_AUTOREFRESH = True
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if on_sqlite():
        # A file, as threads have to share it the way they do in the site.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(
            settings.DATA_DIR / "test.sqlite3"
        )


def chromium() -> str | None:
    """The path of a Chromium that can be driven, if there is one."""
    named = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    installed = [path for name in named if name and (path := shutil.which(name))]
    managed = glob.glob(os.path.expanduser(MANAGED_CHROMIUM), recursive=True)
    return next(iter(installed + managed), None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only journeys are wanted, import only files that name them: a tenth of all."""
    is_wanted = config.option.markexpr != "journey" or collection_path.suffix != ".py"
    return None if is_wanted or "journey" in collection_path.read_text() else True


GARBAGE = (50_000, 20, 50)
"""Collected so seldom: going through what tests leave took a tenth of their processor time."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Whatever was imported stays to the end, and need not be gone through.

    But for browsers: what their driver leaves has to go soon, in the thread that made it.
    """
    if session.config.option.markexpr == "journey":
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


LONG = {"chaos", "long"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with its reason, what this run can't show; begin with what takes longest."""
    if on_sqlite():
        leave_out_what_needs_no_database(config, items)
    # Begun last, they would leave the other process without work; here, one process does them all.
    items.sort(key=lambda item: not LONG & {marker.name for marker in item.iter_markers()})
    has_browser = chromium() is not None
    for item in items:
        kinds = {marker.name for marker in item.iter_markers()} & {"journey", "chaos", "walk"}
        if kinds and on_sqlite():
            item.add_marker(pytest.mark.skip(reason=f"{min(kinds)} tests run on PostgreSQL only"))
        elif "journey" in kinds and not has_browser:
            item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


def leave_out_what_needs_no_database(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL has shown it already, unless the test is named on the command line."""
    if any("::" in argument for argument in config.args):
        return
    needed = [item for item in items if needs_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not needs_database(item)])
    items[:] = needed


def needs_database(item: pytest.Item) -> bool:
    """Whether a test asks for the database, by a mark or a fixture."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & DATABASE_FIXTURES) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page that a test reads in another language leaves that language to nobody."""
    with translation.override("en"):
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what tests measured: a figure is worth reading although it passed."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the system's Chromium; as root it refuses to start inside its own sandbox."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": chromium(), "args": sandbox}
