"""What owners write and read in a real browser: in their language, from either side."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from annotation.actions.tasks import open_all_tasks
from annotation.models import Assignment
from studies.models import Participant, Study
from tests.samples import make_attribute, make_conversation, make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.test_in_browser import WIDTHS, carry_session, faults_of

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
]

DIRECTION = "one => getComputedStyle(one).direction"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEBREW = "אני גר בתל אביב ואוהב לטייל ברגל בסוף השבוע."
STAGES = {"extraction": {"overlap": {"owner": 1, "peer": 1}}}


@pytest.fixture
def study() -> Study:
    """A study that asks for one's own attributes and requests."""
    languages = ["en", "ko"]
    return make_study(
        "alps", STAGES, consent=CONSENT, attributes={}, prompts={}, languages=languages
    )


@pytest.fixture
def owner(study: Study) -> Participant:
    """Somebody who shared a conversation in Hebrew, about which a model noticed something."""
    owner = make_participant(study, "owner")
    conversation = make_conversation(owner, HEBREW, "A fine place.", "שלום", "Hello.")
    make_attribute(conversation, "גר בתל אביב", "גר בתל אביב")
    open_all_tasks(study=study)
    return owner


@pytest.fixture
def at(page: Page, live_server: LiveServer, owner: Participant, client: Client) -> Page:
    """The owner's browser; whatever it complains about fails the test."""
    carry_session(page, live_server, entered_as(client, owner))
    return page


def direction_of(page: Page, text: str) -> str:
    """From which side the innermost element with the text is read."""
    return str(page.get_by_text(text, exact=True).first.evaluate(DIRECTION))


def test_hebrew_is_read_from_the_right(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/s/alps/attributes/")
    assert direction_of(at, HEBREW) == "rtl"
    assert direction_of(at, "A fine place.") == "ltr"

    at.get_by_role("button", name="That is all I can think of").click()
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    assert direction_of(at, "שלום") == "rtl"
    assert direction_of(at, HEBREW) == "rtl"
    assert (
        at.locator(".statement").first.evaluate("one => getComputedStyle(one).direction") == "rtl"
    )


def test_language_is_changed_at_the_foot_of_the_page(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/s/alps/attributes/")

    at.get_by_role("button", name="한국어").click()

    assert at.url == f"{live_server.url}/s/alps/attributes/"
    assert at.locator("html").get_attribute("lang") == "ko"
    assert Participant.objects.get(ref="owner").language == "ko"


def test_lines_come_and_go_with_the_keyboard(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/s/alps/attributes/")
    first = at.get_by_label("Line 1", exact=True)
    first.fill("Likes trains")

    first.press("Enter")

    fourth = at.get_by_label("Line 4", exact=True)
    fourth.wait_for()
    assert fourth.evaluate("one => one === document.activeElement")
    assert at.get_by_label("Line 1", exact=True).input_value() == "Likes trains"
    at.locator("button[value=remove-1]").press("Enter")
    fourth.wait_for(state="detached")


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_owners_write_is_accessible(
    at: Page, live_server: LiveServer, width: int, height: int, scheme: Any, language: str
) -> None:
    at.set_viewport_size({"width": width, "height": height})
    at.emulate_media(color_scheme=scheme)
    at.set_extra_http_headers({"Accept-Language": language})

    for address in ("attributes", "prompts"):
        at.goto(f"{live_server.url}/s/alps/{address}/")
        assert address in at.url
        assert faults_of(at) == []
        assert at.evaluate(TOO_WIDE) == 0
        if address == "attributes":
            at.locator("button[value=send]").click()
            Assignment.objects.all().delete()  # nothing to judge stands before the requests
