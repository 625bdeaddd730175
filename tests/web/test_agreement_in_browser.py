"""Charts and tables of figures in a real browser."""

import struct
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from studies.actions.members import add_member
from studies.models import User
from tests.annotation.judged import judged_pairs
from tests.web.test_in_browser import carry_session

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at(page: Page, live_server: LiveServer, client: Client) -> Page:
    """The browser of a manager of a study that people and models judged."""
    user = User.objects.create_user("manager")
    add_member(study=judged_pairs(), user=user, role="manager", by=None)
    client.force_login(user)
    carry_session(page, live_server, client)
    return page


def test_no_page_of_figures_is_wider_than_a_phone(at: Page, live_server: LiveServer) -> None:
    at.set_viewport_size({"width": 390, "height": 844})

    for name in ["", "raters/", "raters/w0/", "agreement/response/", "judges/response/"]:
        at.goto(f"{live_server.url}/studies/alps/{name}", wait_until="networkidle")
        overhang = at.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (name, overhang) == (name, 0)


def test_picture_of_a_chart_is_large_enough_to_print(
    at: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    at.goto(f"{live_server.url}/studies/alps/agreement/response/")

    with at.expect_download() as download:
        at.get_by_role("button", name="Picture as PNG").first.click()

    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    width, height = struct.unpack(">II", kept.read_bytes()[16:24])
    assert kept.name == "alps-preference-kappa.png"
    assert width >= 1_200
    assert height >= 400  # Its titles and its rows.
