"""A conversation in a real browser: what tabs know of each other, what is read aloud."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from bench.fakellm.server import FakeLlm
from collection.actions.conversing import try_again
from collection.unshared.models import UnsharedConversation
from tests.collection.conversing import begun, converse_study, model_at, say
from tests.collection.test_conversing import answer
from tests.web.conftest import entered_as
from tests.web.test_in_browser import carry_session, faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def model() -> Iterator[FakeLlm]:
    with FakeLlm() as server:
        yield server


@pytest.fixture
def conversation(model: FakeLlm) -> UnsharedConversation:
    """With one exchange that is over."""
    model_at(model.url)
    conversation = begun(converse_study(min_turns=3))
    say(conversation, "Hello")
    answer(conversation, "Good morning.")
    return conversation


@pytest.fixture
def address(
    page: Page, live_server: LiveServer, client: Client, conversation: UnsharedConversation
) -> str:
    """Of the conversation; the browser is its owner's."""
    carry_session(page, live_server, entered_as(client, conversation.participant))
    page.context.route("**/stream/*", lambda route: route.abort())
    return f"{live_server.url}/s/alps/converse/{conversation.pk}/"


def look_anew(page: Page) -> None:
    """Have the part that changes brought again, as after a reply."""
    with page.expect_response(lambda response: response.request.method == "GET"):
        page.evaluate("htmx.ajax('GET', location.href, {target: '#talk', swap: 'outerHTML'})")
    page.wait_for_timeout(200)


def test_what_another_tab_wrote_stays_there(page: Page, address: str) -> None:
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Your message").fill("Of the other tab")

    look_anew(page)

    expect(page.get_by_label("Your message")).to_have_value("")


def test_own_words_stay_when_the_page_looks_anew(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Your message").fill("My own")

    look_anew(page)

    expect(page.get_by_label("Your message")).to_have_value("My own")


def test_draft_is_there_when_the_page_is_opened_again(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Your message").fill("Half a thought")

    page.goto(address)

    expect(page.get_by_label("Your message")).to_have_value("Half a thought")


def test_sending_drops_only_its_own_draft(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Your message").fill("Mine")
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label("Your message").fill("Not sent")

    page.get_by_role("button", name="Send").click()
    expect(page.locator(".mine")).to_have_count(2)

    kept = page.evaluate("Object.values(localStorage).map((one) => JSON.parse(one).text)")
    assert kept == ["Not sent"]


def test_text_taken_back_is_kept(
    page: Page, address: str, conversation: UnsharedConversation
) -> None:
    say(conversation, "Are you there?")
    for number in range(3):
        if number:
            try_again(conversation=conversation)
        answer(conversation, "", states=["cut"])
    page.goto(address)

    page.get_by_role("button", name="Take this message back").click()
    expect(page.get_by_label("Your message")).to_have_value("Are you there?")
    assert faults_of(page) == []
    page.goto(address)

    expect(page.get_by_label("Your message")).to_have_value("Are you there?")


def test_only_the_reply_is_read_aloud(
    page: Page, address: str, conversation: UnsharedConversation
) -> None:
    say(conversation, "And now?")

    def over(route: Route) -> None:
        """The stream ends as soon as it begins: the test's server can hold none open."""
        if conversation.turns.filter(state="waiting").exists():
            answer(conversation, "Good evening.")
        # What is opened in here is seen by nobody outside of it, who could close it.
        connections.close_all()
        route.fulfill(content_type="text/event-stream", body="event: end\ndata: {}\n\n")

    page.route("**/stream/*", over)
    page.goto(address)

    expect(page.locator("[data-heard]")).to_have_text("Good evening.")
    assert faults_of(page) == []
