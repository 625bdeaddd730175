"""The whole site as `manage.py up` starts it: ready, mended, and gone without a trace."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from api.errors import TOO_LARGE
from tests.site import PATIENCE_SECONDS, Site, free_port, start_site, up, wait_for


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Site]]:
    """Gives the site that runs, or starts it once more; all of them on the same data."""
    data_dir = tmp_path_factory.mktemp("site")
    started: list[Site] = []

    def running() -> Site:
        if not started or started[-1].supervisor.poll() is not None:
            started.append(start_site(data_dir))
        return started[-1]

    yield running
    for site in started:
        site.supervisor.kill()
        site.supervisor.communicate()


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    """A running site, which the test may kill."""
    return sites()


def test_ready_line_tells_all_that_a_script_needs(site: Site) -> None:
    assert set(site.ready) == {"url", "admin_user", "admin_password", "api_token", "study"}
    assert site.ready["url"] == f"http://127.0.0.1:{site.port}"
    assert site.status() == 200


@pytest.mark.parametrize("reuse", ["close", "keep-alive"])
def test_who_posts_twenty_megabytes_is_told_that_it_is_too_much(site: Site, reuse: str) -> None:
    told = {"Content-Type": "application/json", "Connection": reuse}
    headers = {**told, "Authorization": f"Bearer {site.ready['api_token']}"}
    address = f"/api/v1/studies/{site.ready['study']}/tasks/next/"
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=60)) as visit:
        visit.request("POST", address, b" " * 20_000_000, headers)
        answer = visit.getresponse()
        said = json.load(answer)["error"]

    assert (answer.status, answer.headers["Connection"]) == (413, "close")
    assert (said["code"], said["message"]) == ("too_large", TOO_LARGE)


@pytest.mark.parametrize("part", ["config.server", "config.celery", "manage.py sweep"])
def test_killed_program_is_restarted(site: Site, part: str) -> None:
    killed = site.pid_of(part)

    os.kill(killed, signal.SIGKILL)

    assert wait_for(lambda: killed not in site.processes())
    assert wait_for(lambda: site.runs(part))
    assert site.status() == 200


def test_killed_broker_is_restarted(site: Site) -> None:
    killed = site.pid_of("valkey-server")

    os.kill(killed, signal.SIGKILL)

    assert wait_for(lambda: killed not in site.processes())
    assert wait_for(lambda: site.runs("valkey-server"))


def test_killed_supervisor_leaves_nothing(site: Site) -> None:
    # The worker has forked its pool by then: grandchildren have to go as well.
    assert wait_for(lambda: sum("celery" in line for line in site.processes().values()) == 2)

    site.supervisor.kill()
    site.supervisor.wait()

    assert wait_for(lambda: not site.processes()), site.processes()


def test_interrupt_stops_everything_with_status_zero(site: Site) -> None:
    site.supervisor.send_signal(signal.SIGINT)

    assert site.supervisor.wait(PATIENCE_SECONDS) == 0
    assert site.processes() == {}


def _refusal(data_dir: Path, port: int) -> tuple[int, str]:
    second = up(data_dir, port)
    _output, errors = second.communicate(timeout=PATIENCE_SECONDS)
    return second.returncode, errors.strip()


def test_second_start_on_the_same_data_is_refused(site: Site) -> None:
    running = f"DATA_DIR {site.data_dir} (process {site.supervisor.pid})"

    refusal = _refusal(site.data_dir, free_port())

    assert refusal == (1, f"CommandError: Firsthand already runs with {running}.")


def test_start_on_a_taken_port_is_refused(site: Site, tmp_path: Path) -> None:
    status, errors = _refusal(tmp_path, site.port)

    assert status == 1
    assert errors.startswith(f"CommandError: 127.0.0.1:{site.port} can't be listened on:")
    assert "Traceback" not in errors
