"""Reading before sharing in a real browser: selecting words, by keyboard, narrow, dark."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from collection.models import Conversation
from collection.unshared.models import UnsharedConversation
from studies.models import Participant
from tests.collection.unshared import add_reply, make_unshared
from tests.samples import make_participant, make_study
from tests.web.conftest import entered_as
from tests.web.test_in_browser import WIDTHS, carry_session, faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SELECT = """(words) => {
  const piece = [...document.querySelectorAll("[data-start]")].find(
    (one) => one.textContent.includes(words));
  const node = piece.firstChild, at = node.data.indexOf(words), range = document.createRange();
  range.setStart(node, at);
  range.setEnd(node, at + words.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def owner(db: None) -> Participant:
    """Who reads."""
    return make_participant(make_study("alps", {}, title={"en": "Everyday questions"}), "owner")


@pytest.fixture
def talk(owner: Participant) -> UnsharedConversation:
    """A conversation with everything on its page."""
    began = datetime(2026, 5, 3, 17, tzinfo=UTC)
    talk = make_unshared(
        owner,
        "😀 I'm Anna Keller. Vienna by night train? Write to anna@example.org.",
        "Hello Anna! The Nightjet leaves at 19:42.",
        "Yes. My sister Greta comes along, Greta too.",
        title="Night train for Anna",
        began_at=began,
    )
    add_reply(talk, 1, 1, "Good morning, Anna.")
    return talk


@pytest.fixture
def at(
    page: Page,
    live_server: LiveServer,
    client: Client,
    owner: Participant,
    talk: UnsharedConversation,
) -> Page:
    """The owner's browser, at the conversation."""
    carry_session(page, live_server, entered_as(client, owner))
    page.goto(f"{live_server.url}/s/alps/review/{talk.pk}/")
    return page


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_pages_are_accessible(
    at: Page, live_server: LiveServer, width: int, height: int, scheme: Any
) -> None:
    at.set_viewport_size({"width": width, "height": height})
    at.emulate_media(color_scheme=scheme)
    there = at.url

    for address in [there, f"{there}remove/", f"{live_server.url}/s/alps/review/"]:
        at.goto(address)
        assert (address, faults_of(at)) == (address, [])


def test_page_with_the_button_at_the_selection_is_accessible(at: Page) -> None:
    at.evaluate(SELECT, "Greta")
    expect(at.get_by_role("button", name="Hide this")).to_be_visible()

    assert faults_of(at) == []


def test_nothing_is_wider_than_a_small_phone(at: Page) -> None:
    at.set_viewport_size({"width": 360, "height": 740})
    at.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    at.evaluate(SELECT, "along")

    assert at.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


def test_selected_words_are_hidden_by_keyboard(at: Page, talk: UnsharedConversation) -> None:
    at.evaluate(SELECT, "Vienna")
    expect(at.get_by_role("button", name="Hide this")).to_be_visible()

    at.keyboard.press("Tab")
    at.keyboard.press("Enter")

    expect(at.locator(".said").first).to_have_text(
        "😀 I'm [NAME_1]. [HIDDEN_1] by night train? Write to [EMAIL_1]."
    )


def test_selected_words_are_hidden_everywhere(at: Page) -> None:
    at.evaluate(SELECT, "Greta")

    at.get_by_role("button", name="Hide it everywhere").click()

    expect(at.locator(".said").last).to_have_text(
        "Yes. My sister [HIDDEN_1] comes along, [HIDDEN_1] too."
    )


def test_escape_takes_the_button_away(at: Page) -> None:
    at.evaluate(SELECT, "Greta")
    expect(at.get_by_role("button", name="Hide this")).to_be_visible()

    at.keyboard.press("Escape")

    expect(at.get_by_role("button", name="Hide this")).to_be_hidden()


def test_sharing_by_keyboard(at: Page, talk: UnsharedConversation) -> None:
    at.get_by_role("button", name="Share these 3 turns").focus()
    at.keyboard.press("Enter")

    expect(at.get_by_text("The original is deleted")).to_be_visible()
    assert Conversation.objects.get(pk=talk.pk).title == "Night train for [NAME_1]"
