"""The charts of the agreement page in a real browser."""

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


def test_picture_of_a_chart_is_large_enough_to_print(
    page: Page, live_server: LiveServer, client: Client, tmp_path: Path
) -> None:
    user = User.objects.create_user("manager")
    add_member(study=judged_pairs(), user=user, role="manager", by=None)
    client.force_login(user)
    carry_session(page, live_server, client)
    page.goto(f"{live_server.url}/studies/alps/agreement/response/")

    with page.expect_download() as download:
        page.get_by_role("button", name="Picture as PNG").first.click()

    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    width, height = struct.unpack(">II", kept.read_bytes()[16:24])
    assert kept.name == "alps-preference-kappa.png"
    assert width >= 1_200
    assert height >= 400  # Its titles and its rows.
