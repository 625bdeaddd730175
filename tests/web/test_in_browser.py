"""The pages in a real browser: keyboard, drafts, connection, accessibility, dark and narrow."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Assignment, Judgment
from studies.models import Participant, Study, User
from tests.web.conftest import entered_as

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK_AT_NOTHING = """
document.querySelectorAll("[data-required]").forEach((one) => delete one.dataset.required)
"""
"""Makes the device send what the site will refuse."""
WIDTHS = [(1280, 800, "light"), (390, 844, "dark")]


@pytest.fixture
def at(page: Page, live_server: LiveServer, peer: Participant, client: Client) -> Page:
    """A browser that entered as the peer; whatever it complains about fails the test."""
    carry_session(page, live_server, entered_as(client, peer))
    return page


def carry_session(page: Page, live_server: LiveServer, client: Client) -> None:
    """Give the browser the test client's session."""
    name = settings.SESSION_COOKIE_NAME
    cookie: Any = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])


def faults_of(page: Page) -> list[str]:
    """What axe finds, one line per rule."""
    found = Axe().run(page, options={"preload": False, "runOnly": RULES})
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']]}"
        for fault in found.response["violations"]
    ]


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_participants_pages_are_accessible(
    at: Page, live_server: LiveServer, width: int, height: int, scheme: Any
) -> None:
    at.set_viewport_size({"width": width, "height": height})
    at.emulate_media(color_scheme=scheme)
    stages = [f"/judge/alps/{stage}/" for stage in ("extraction", "relevance", "response")]

    for address in ["/", "/s/alps/", "/judge/", "/me/", "/nothing/", *stages]:
        at.goto(live_server.url + address)
        assert (address, faults_of(at)) == (address, [])


@pytest.mark.parametrize(("width", "height", "scheme"), WIDTHS)
def test_researchers_pages_are_accessible(
    page: Page,
    live_server: LiveServer,
    researcher: Client,
    width: int,
    height: int,
    scheme: Any,
) -> None:
    carry_session(page, live_server, researcher)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)

    for address in ["/", "/studies/", "/studies/alps/", "/studies/alps/agreement/response/"]:
        page.goto(live_server.url + address)
        assert (address, faults_of(page)) == (address, [])


def test_nothing_is_wider_than_a_small_phone(at: Page, live_server: LiveServer) -> None:
    at.set_viewport_size({"width": 360, "height": 740})

    for address in ["/", "/s/alps/", "/judge/alps/extraction/", "/judge/alps/response/", "/me/"]:
        at.goto(live_server.url + address)
        overhang = at.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (address, overhang) == (address, 0)


def test_keys_alone_judge_a_task(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")

    at.keyboard.press("2")
    at.keyboard.press("Enter")

    expect(at.get_by_role("heading", name="That was the last one")).to_be_focused()
    judgment = Judgment.objects.get()
    assert judgment.answers == {"relevance": "shape"}
    assert judgment.seconds is not None


def test_one_item_is_open_and_answered_ones_are_folded(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    for key in ("1", "q", "4", "Enter"):
        at.keyboard.press(key)

    expect(at.locator("#card-1")).not_to_have_attribute("open", "")
    expect(at.locator("#card-1 [data-answer]")).to_have_text("Accurate · Said outright · Lasting")
    expect(at.locator("#card-2")).to_have_attribute("open", "")


def test_follow_up_appears_only_after_its_answer(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    fault = at.get_by_text("What is wrong with it?")

    expect(fault).to_be_hidden()
    at.keyboard.press("3")
    expect(fault).to_be_visible()


def test_faults_take_the_focus_and_keep_the_work(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    at.evaluate(LOOK_AT_NOTHING)
    at.keyboard.press("1")
    at.get_by_role("button", name="Save and go on").click()

    expect(at.locator("[data-faults]")).to_be_focused()
    expect(at.get_by_role("radio", name="Accurate", exact=True)).to_be_checked()


def test_draft_survives_a_reload(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    at.keyboard.press("3")
    expect(at.locator("[data-state]")).to_have_text("Draft saved")

    at.reload()

    expect(at.get_by_label("Optional")).to_be_checked()


def test_sent_draft_is_forgotten(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    at.keyboard.press("3")
    at.keyboard.press("Enter")
    expect(at.get_by_role("heading", name="That was the last one")).to_be_visible()

    assert at.evaluate("Object.keys(localStorage)") == []


def test_refused_draft_survives_a_reload(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    at.evaluate(LOOK_AT_NOTHING)
    at.keyboard.press("1")
    at.get_by_role("button", name="Save and go on").click()
    expect(at.locator("[data-faults]")).to_be_focused()

    at.reload()

    expect(at.locator("[data-faults]")).to_have_count(0)
    expect(at.get_by_role("radio", name="Accurate", exact=True)).to_be_checked()


@pytest.mark.parametrize(("key", "code"), [("Q", "KeyQ"), ("ㅂ", "KeyQ"), ("Process", "KeyQ")])
def test_letters_work_with_caps_lock_and_in_other_scripts(
    at: Page, live_server: LiveServer, key: str, code: str
) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    at.keyboard.press("1")
    at.evaluate(
        "([key, code]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key, code, bubbles: true, cancelable: true}))",
        [key, code],
    )

    expect(at.get_by_role("radio", name="Said outright")).to_be_checked()


def test_lost_connection_is_said_and_nothing_lost(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    at.keyboard.press("3")
    at.context.set_offline(True)
    at.keyboard.press("Enter")
    expect(at.locator("[data-state]")).to_contain_text("kept")

    at.context.set_offline(False)

    expect(at.get_by_role("heading", name="That was the last one")).to_be_visible()
    assert Judgment.objects.count() == 1


def test_two_tabs_end_in_a_sentence(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    Assignment.objects.filter(state="leased").update(fence=9)
    at.keyboard.press("3")
    at.keyboard.press("Enter")

    expect(at.get_by_role("heading", name="Nothing was stored")).to_be_focused()


def test_single_keys_can_be_turned_off(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    at.keyboard.press("?")
    at.get_by_label("Use single keys").uncheck()
    at.get_by_role("button", name="Close").click()
    at.keyboard.press("3")

    expect(at.get_by_role("radio", name="Optional")).not_to_be_checked()


def test_page_breaks_no_policy(at: Page, live_server: LiveServer) -> None:
    said: list[str] = []
    at.on("console", lambda message: said.append(message.text))
    at.goto(f"{live_server.url}/judge/alps/response/")
    at.keyboard.press("6")
    at.keyboard.press("Enter")
    expect(at.get_by_text("How good is this answer?").first).to_be_visible()

    assert said == []


def test_researcher_starts_a_judge(
    page: Page, live_server: LiveServer, manager: User, study: Study
) -> None:
    page.goto(f"{live_server.url}/studies/alps/runs/")
    page.get_by_label("User name or e-mail").fill("manager")
    page.get_by_label("Password").fill("a good long one")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("form:has(#judge-name) button").click()
    page.get_by_role("button", name="Start", exact=True).click()

    expect(page.locator("#live .state strong")).to_have_text("Running")
    expect(page.get_by_role("progressbar", name="Done")).to_be_visible()
