"""Survey, check, warning, concern and pay in a real browser: read by machine and by keyboard."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from studies.actions.surveys import send_survey
from studies.models import Concern, Participant, Payment, Study, User
from tests.samples import make_participant
from tests.studies.questions import CHECK, SURVEY
from tests.web.test_in_browser import WIDTHS, carry_session, faults_of
from tests.web.test_languages_in_browser import TOO_WIDE

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
]

SECTIONS = {
    "survey": SURVEY,
    "comprehension": CHECK,
    "pay": {"currency": "EUR", "floor_per_hour": 12, "parts": {"survey": 0.5}},
    "care": {
        "contact": {"en": "Write to care@example.org or call 0800 000 000."},
        "help": {"en": "If something weighs on you, call the helpline: 0800 000 000."},
        "distressing": {"text": {"en": "The next text speaks of a loss."}, "stages": ["relevance"]},
    },
}


@pytest.fixture
def asking(study: Study) -> Study:
    """The study, with everything that comes before and beside its tasks."""
    study.document = {**study.document, **SECTIONS}
    study.save()
    return study


@pytest.fixture
def at(page: Page, live_server: LiveServer, asking: Study, rater: Client) -> Page:
    """The peer's browser; whatever it complains about fails the test."""
    carry_session(page, live_server, rater)
    return page


@pytest.fixture
def warned(at: Page, asking: Study) -> Page:
    """The same where nothing comes before judging."""
    asking.document = {**asking.document, "survey": None, "comprehension": None}
    asking.save()
    return at


def look(page: Page, width: int, height: int, scheme: Any) -> None:
    """See the pages on a screen of this kind."""
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)


def problems(page: Page, shot: str = "") -> list[Any]:
    """What axe finds, and by how much the page is wider than the screen."""
    wide = page.evaluate(TOO_WIDE)
    return [*faults_of(page), *([wide] if wide > 0 else [])]


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_survey_is_accessible_with_and_without_faults(
    at: Page, live_server: LiveServer, width: int, height: int, scheme: Any
) -> None:
    look(at, width, height, scheme)
    at.goto(f"{live_server.url}/s/alps/survey/")
    asked = problems(at, "survey")
    at.get_by_role("spinbutton", name="How old are you?").fill("7")
    at.get_by_role("button", name="Send and go on").click()
    expect(at.get_by_role("alert")).to_be_focused()

    assert (asked, problems(at, "survey-fault")) == ([], [])


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_check_is_accessible_with_and_without_feedback(
    at: Page, live_server: LiveServer, peer: Participant, width: int, height: int, scheme: Any
) -> None:
    look(at, width, height, scheme)
    send_survey(participant=peer, answers={})
    at.goto(f"{live_server.url}/s/alps/comprehension/")
    asked = problems(at, "check")
    at.get_by_label("Only at the end").check()
    at.get_by_label("Other participants").check()
    at.get_by_role("button", name="Send my answers").click()
    expect(at.get_by_text("Your answer was not right.")).to_be_visible()

    assert (asked, problems(at, "check-feedback")) == ([], [])


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_warning_and_concern_are_accessible(
    warned: Page, live_server: LiveServer, width: int, height: int, scheme: Any
) -> None:
    look(warned, width, height, scheme)
    found = []
    for name in ("judge/alps/relevance/", "s/alps/concern/?from=/s/alps/", "s/alps/concern/?sent"):
        warned.goto(f"{live_server.url}/{name}")
        found += problems(warned, name.replace("/", "-").replace("?", "-"))

    assert found == []


def test_warned_rater_chooses_to_see_by_keyboard(warned: Page, live_server: LiveServer) -> None:
    warned.goto(f"{live_server.url}/judge/alps/relevance/")
    expect(warned.get_by_text("A <u>plan</u> for Sunday?")).to_have_count(0)

    warned.get_by_role("button", name="Show it").press("Enter")

    expect(warned.get_by_text("A <u>plan</u> for Sunday?")).to_be_visible()


def test_concern_is_reported_from_the_foot(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/s/alps/survey/")
    at.get_by_role("link", name="Report a concern").press("Enter")
    at.get_by_label("What is wrong").fill("It asks too much.")
    at.get_by_role("button", name="Send it").press("Enter")

    expect(at.get_by_role("heading", name="Thank you for telling us")).to_be_visible()
    assert Concern.objects.values_list("text", "page").get() == (
        "It asks too much.",
        "/s/alps/survey/",
    )


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_researchers_pages_are_accessible(
    page: Page,
    live_server: LiveServer,
    asking: Study,
    researcher: Client,
    manager: User,
    width: int,
    height: int,
    scheme: Any,
) -> None:
    for ref in ("kind-heron-12", "swift-otter-7"):
        person = make_participant(asking, ref)
        Participant.objects.filter(pk=person.pk).update(outcome="done")
        send_survey(participant=person, answers={})
        person.parts.update(began_at="2026-01-31T12:00Z", finished_at="2026-01-31T12:20Z")
        Payment.objects.create(
            pk=uuid4(), study=asking, participant=person, kind="bonus", amount=2, currency="EUR"
        )
        Concern.objects.create(study=asking, participant=person, text="Rude.", page="/s/alps/")
    carry_session(page, live_server, researcher)
    look(page, width, height, scheme)
    found = []
    for name in ("pay", "concerns", ""):
        page.goto(f"{live_server.url}/studies/alps/{name}{'/' if name else ''}")
        found += problems(page, f"researcher-{name}")

    assert found == []
