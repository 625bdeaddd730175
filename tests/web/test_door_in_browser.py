"""The door and the people's board in a real browser: by hand, by eye of axe, on a phone."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.actions.tasks import open_all_tasks
from studies.actions.entering import enter_study
from studies.actions.members import add_member
from studies.actions.studies import load_study
from studies.models import Participant, Study, User
from tests.samples import make_participant, make_study
from tests.studies.recruitment import CONSENT, OTHER, ids, prolific
from tests.web.conftest import fill
from tests.web.test_in_browser import WIDTHS, carry_session, faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
LINK = "/s/alps/?PROLIFIC_PID={PROLIFIC_PID}&STUDY_ID={STUDY_ID}&SESSION_ID={SESSION_ID}"


@pytest.fixture
def alps(transactional_db: None) -> Study:
    """One attribute of somebody else's to judge, and Prolific."""
    stages = {"extraction": {"overlap": {"peer": 3}}}
    entry = {"panels": [prolific()]}
    description = {"en": "Short conversations about mountains, and what was noted of them."}
    study = make_study("alps", stages, consent=CONSENT, entry=entry, description=description)
    fill(study, make_participant(study, "owner"))
    open_all_tasks(study=study)
    return study


def come(page: Page, live_server: LiveServer, person: dict[str, str]) -> None:
    """Open the panel's link."""
    page.goto(live_server.url + LINK.format(**person))


def agree(page: Page) -> None:
    """Tick what is required, and begin."""
    page.get_by_label("I take part").check()
    page.get_by_role("button", name="Agree and begin").click()


def assert_fine(page: Page) -> None:
    """Nothing for axe to say, and nothing wider than the screen."""
    assert (page.url, faults_of(page)) == (page.url, [])
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


@pytest.mark.parametrize(("width", "height", "scheme"), [*WIDTHS, (360, 740, "light")])
def test_way_of_a_panels_person(
    page: Page, live_server: LiveServer, alps: Study, width: int, height: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    come(page, live_server, ids())
    assert page.url == f"{live_server.url}/s/alps/"
    assert_fine(page)

    agree(page)
    expect(page.get_by_text("This is next")).to_be_visible()
    assert_fine(page)
    page.get_by_text("Come back on another device").click()
    assert_fine(page)

    Participant.objects.filter(panel_identity__isnull=False).update(outcome="done")
    page.goto(f"{live_server.url}/s/alps/done/")
    expect(page.get_by_text("CDONE", exact=True)).to_be_visible()
    assert_fine(page)


def test_no_by_keyboard(page: Page, live_server: LiveServer, alps: Study) -> None:
    come(page, live_server, ids(OTHER))
    page.get_by_role("button", name="I do not agree").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("CNO", exact=True)).to_be_visible()
    assert_fine(page)


def test_changed_text_is_read_again(page: Page, live_server: LiveServer, alps: Study) -> None:
    come(page, live_server, ids())
    agree(page)
    load_study(document={**alps.document, "consent": {**CONSENT, "version": "3"}}, by=None)

    page.goto(f"{live_server.url}/s/alps/")

    expect(page.get_by_text("has changed since you were here")).to_be_visible()
    expect(page.get_by_label("I take part")).not_to_be_checked()
    assert_fine(page)


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_board_is_accessible(
    page: Page,
    live_server: LiveServer,
    client: Client,
    alps: Study,
    width: int,
    height: int,
    scheme: Any,
) -> None:
    user = User.objects.create_user("ada")
    add_member(study=alps, user=user, role="manager", by=None)
    enter_study(study=alps, scopes=["take_part"])
    client.force_login(user)
    carry_session(page, live_server, client)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/studies/alps/people/")
    page.get_by_text("Make an invitation").click()
    assert_fine(page)

    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Copy its link now")).to_be_visible()
    assert_fine(page)

    page.get_by_label("Or the list itself").fill("Participant id,Status\na1,APPROVED\n")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Unknown to us:")).to_be_visible()
    assert_fine(page)
