"""A rater's page when things go wrong: no answer is lost, none is stored twice."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Assignment, Draft, Judgment
from studies.models import Participant, Study
from tests.journeys.rating import judge_task
from tests.web.conftest import entered_as
from tests.web.test_in_browser import carry_session, faults_of

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True),
]

RELEVANCE = "/judge/alps/relevance/"
GUIDELINES = {"en": "**Accurate** means true of the person.\n\n* Judge what is written."}
OPTIONAL = "3"
PATIENCE_MS = 20_000


@pytest.fixture
def at(page: Page, live_server: LiveServer, peer: Participant, client: Client) -> Page:
    """A browser that entered as the peer, at the task of stage 2."""
    expect.set_options(timeout=PATIENCE_MS)
    carry_session(page, live_server, entered_as(client, peer))
    page.goto(live_server.url + RELEVANCE)
    return page


def stored() -> list[tuple[str, int]]:
    """What is stored of stage 2: answer and revision, in their order."""
    rows = Judgment.objects.filter(stage="relevance").order_by("revision")
    return [((row.answers or {})["relevance"], row.revision) for row in rows]


def send(page: Page, key: str = OPTIONAL) -> None:
    """Choose, and save."""
    page.keyboard.press(key)
    page.keyboard.press("Enter")


def kept(page: Page) -> list[str]:
    """The names of drafts, and of answers that wait, on the device."""
    names: list[str] = page.evaluate("Object.keys(localStorage)")
    return [name for name in names if ":" in name]


def is_done(page: Page) -> None:
    """The page went on."""
    expect(page.get_by_role("heading", name="That was the last one")).to_be_visible()


@pytest.mark.parametrize(("status", "is_stored"), [(502, False), (503, False), (504, True)])
def test_failed_submit_is_sent_again_and_stored_once(
    at: Page, status: int, is_stored: bool
) -> None:
    seen: list[int] = []

    def fail_once(route: Route) -> None:
        if seen or route.request.method != "POST":
            return route.continue_()
        seen.append(route.fetch().status if is_stored else 0)
        return route.fulfill(status=status, headers={"Retry-After": "1"})

    at.route(f"**{RELEVANCE}", fail_once)
    send(at)

    is_done(at)
    assert stored() == [("optional", 1)]
    assert kept(at) == []


def test_what_waited_is_sent_after_a_reload(at: Page) -> None:
    at.context.set_offline(True)
    send(at)
    expect(at.get_by_role("button", name="Send now")).to_be_focused()
    address = at.url
    at.goto("about:blank")  # The page that was answered hears nothing of the connection.
    at.context.set_offline(False)
    at.goto(address)

    is_done(at)
    assert stored() == [("optional", 1)]


def test_answers_that_wait_can_be_changed(at: Page) -> None:
    at.context.set_offline(True)
    send(at)
    at.get_by_role("button", name="Change my answers").click()
    at.keyboard.press("4")
    at.keyboard.press("Enter")
    expect(at.get_by_role("button", name="Send now")).to_be_visible()
    at.context.set_offline(False)

    is_done(at)
    assert stored() == [("irrelevant", 1)]


def test_other_answers_after_a_lost_reply_become_a_revision(at: Page) -> None:
    def lose_reply(route: Route) -> None:
        route.fetch()
        route.abort()

    at.route(f"**{RELEVANCE}", lose_reply, times=1)
    send(at)
    at.get_by_role("button", name="Change my answers").click()
    at.keyboard.press("4")
    at.keyboard.press("Enter")
    expect(at.get_by_role("heading", name="You sent this task before")).to_be_focused()
    at.keyboard.press("Enter")

    is_done(at)
    assert stored() == [("optional", 1), ("irrelevant", 2)]


def test_second_tab_is_told_and_loses_nothing(at: Page) -> None:
    other = at.context.new_page()
    other.goto(at.url)
    send(at)
    is_done(at)

    send(other, "4")

    expect(other.get_by_role("heading", name="You sent this task before")).to_be_focused()
    expect(other.get_by_role("radio", name="Irrelevant")).to_be_checked()
    assert stored() == [("optional", 1)]


def test_back_and_reload_store_nothing_twice(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/")
    at.get_by_role("button", name="What matters for a request").click()
    expect(at.get_by_role("heading", name="Should it matter for this request?")).to_be_visible()
    at.keyboard.press(OPTIONAL)
    expect(at.get_by_role("radio", name="Optional")).to_be_checked()
    at.locator("[data-next]").dblclick()
    is_done(at)
    at.go_back()
    at.go_forward()
    at.reload()

    is_done(at)
    assert stored() == [("optional", 1)]


def test_expired_session_keeps_the_answers_until_somebody_is_back(
    at: Page, live_server: LiveServer, peer: Participant
) -> None:
    at.context.clear_cookies()
    send(at)
    expect(at.locator("[data-state]")).to_contain_text("You are signed out")
    assert stored() == []
    again = at.context.new_page()
    again.goto(f"{live_server.url}/accounts/login/")
    carry_session(at, live_server, entered_as(Client(), peer))
    again.goto(live_server.url + RELEVANCE)

    is_done(again)
    is_done(at)
    assert stored() == [("optional", 1)]


def test_another_device_shows_the_newest_draft(
    at: Page, live_server: LiveServer, new_context: Callable[[], BrowserContext], client: Client
) -> None:
    at.keyboard.press(OPTIONAL)
    expect(at.locator("[data-state]")).to_have_text("Draft saved")
    other = new_context().new_page()
    carry_session(other, live_server, client)
    other.goto(at.url)

    expect(other.get_by_role("radio", name="Optional")).to_be_checked()


def test_draft_says_where_it_is_kept(at: Page) -> None:
    at.context.set_offline(True)
    at.keyboard.press(OPTIONAL)
    expect(at.locator("[data-state]")).to_contain_text("Not connected")
    at.context.set_offline(False)

    expect(at.locator("[data-state]")).to_have_text("Draft saved")
    assert Draft.objects.get().fields["item1-relevance"] == "optional"


def test_task_is_judged_and_changed_without_scripts(
    at: Page, live_server: LiveServer, new_context: Callable[..., BrowserContext], client: Client
) -> None:
    plain = new_context(java_script_enabled=False).new_page()
    carry_session(plain, live_server, client)
    plain.goto(live_server.url + RELEVANCE)
    plain.get_by_role("radio", name="Optional").check()
    plain.get_by_role("button", name="Save and go on").click()
    plain.get_by_role("link", name="Change the task before").click()
    plain.get_by_role("radio", name="Avoid").check()
    plain.get_by_role("button", name="Save the change").click()

    is_done(plain)
    assert stored() == [("optional", 1), ("avoid", 2)]


def test_stale_draft_does_not_win_and_the_other_is_offered(at: Page) -> None:
    other = at.context.new_page()
    other.goto(at.url)
    other.keyboard.press(OPTIONAL)
    expect(other.locator("[data-state]")).to_have_text("Draft saved")

    at.keyboard.press("4")

    expect(at.get_by_text("You went on with this task")).to_be_in_viewport()
    assert Draft.objects.get().fields["item1-relevance"] == "optional"
    for shown in ("Optional", "Irrelevant"):
        at.get_by_role("button", name="Show the other answers").click()
        expect(at.get_by_role("radio", name=shown)).to_be_checked()


def test_answers_since_a_reload_are_the_ones_that_stay(at: Page) -> None:
    sent: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.method == "POST":
            sent.append(answer.status)

    at.on("response", note)
    for key, label in ((OPTIONAL, "Optional"), ("4", "Irrelevant"), ("5", "Avoid")):
        at.keyboard.press(key)
        expect(at.locator("[data-state]")).to_have_text("Draft saved")
        at.reload()
        expect(at.get_by_role("radio", name=label)).to_be_checked()
        expect(at.get_by_text("You went on with this task")).to_be_hidden()
    at.keyboard.press("Enter")

    is_done(at)
    assert stored() == [("avoid", 1)]
    assert sent == [200, 200, 200, 200]  # a draft each, and the answers


def test_page_that_was_left_at_once_is_no_other_device(at: Page) -> None:
    for key, label in ((OPTIONAL, "Optional"), ("4", "Irrelevant")):
        at.keyboard.press(key)
        at.reload()
        expect(at.get_by_role("radio", name=label)).to_be_checked()
    expect(at.locator("[data-state]")).to_have_text("Draft saved")
    send(at, "5")

    is_done(at)
    assert stored() == [("avoid", 1)]


def test_undo_takes_back_step_by_step_and_then_what_was_sent(
    at: Page, live_server: LiveServer
) -> None:
    expect(at.get_by_role("button", name="Undo")).to_be_disabled()
    at.keyboard.press(OPTIONAL)
    at.keyboard.press("4")
    at.keyboard.press("u")
    expect(at.get_by_role("radio", name="Optional")).to_be_checked()
    at.keyboard.press("u")
    expect(at.locator("input:checked[name=item1-relevance]")).to_have_count(0)
    send(at)
    at.get_by_role("link", name="Change the task before").click()
    expect(at.get_by_role("radio", name="Optional")).to_be_checked()
    send(at, "5")

    is_done(at)
    expect(at).to_have_url(live_server.url + RELEVANCE)
    assert stored() == [("optional", 1), ("avoid", 2)]


def test_signing_out_leaves_nothing_on_the_device(at: Page, live_server: LiveServer) -> None:
    at.context.set_offline(True)
    send(at)
    expect(at.get_by_role("button", name="Send now")).to_be_visible()
    at.context.clear_cookies()
    at.context.set_offline(False)
    other = at.context.new_page()
    other.goto(f"{live_server.url}/?signed_out=1")

    expect(at.get_by_role("status")).to_contain_text("You are signed out")
    assert kept(at) == []
    at.evaluate("localStorage.setItem('draft:late', '{}')")
    at.goto(f"{live_server.url}/accounts/login/")
    assert kept(at) == []


def test_page_that_did_not_hear_of_signing_out_writes_nothing(at: Page) -> None:
    at.evaluate("localStorage.setItem('signed-out', 'by another tab')")
    at.keyboard.press(OPTIONAL)

    at.wait_for_url("**/?signed_out=elsewhere")
    assert kept(at) == []


def test_next_person_finds_nothing_of_the_one_before(
    at: Page, live_server: LiveServer, study: Study
) -> None:
    at.keyboard.press(OPTIONAL)
    expect(at.locator("[data-state]")).to_have_text("Draft saved")
    somebody = Participant.objects.create(study=study, ref="somebody")
    at.context.clear_cookies()
    carry_session(at, live_server, entered_as(Client(), somebody))
    other = at.context.new_page()
    other.goto(f"{live_server.url}/judge/")

    at.wait_for_url("**/?signed_out=elsewhere")
    assert at.evaluate("Object.keys(localStorage)") == []


def test_idle_time_and_pasted_characters_are_counted(at: Page, live_server: LiveServer) -> None:
    at.clock.install()
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press(OPTIONAL)
    at.clock.run_for(10_000)
    at.mouse.move(5, 5)
    at.clock.run_for(40_000)
    at.keyboard.press("f")
    comment = at.get_by_label("Say something about it")
    comment.fill("")
    comment.evaluate(
        """(field) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", "twelve chars");
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }"""
    )
    at.locator("[data-next]").click()
    is_done(at)

    judgment = Judgment.objects.get()
    assert judgment.pasted == len("twelve chars")
    assert judgment.seconds == pytest.approx(10, abs=2)
    assert judgment.idle_seconds == pytest.approx(40, abs=2)


@pytest.mark.parametrize("stage", ["extraction", "response"])
def test_keyboard_alone_judges_every_stage(at: Page, live_server: LiveServer, stage: str) -> None:
    at.goto(f"{live_server.url}/judge/alps/{stage}/")
    judge_task(at)

    is_done(at)
    assert set(Judgment.objects.values_list("stage", "revision")) == {(stage, 1)}


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_around_a_task_are_accessible(
    at: Page, live_server: LiveServer, study: Study, width: int
) -> None:
    at.set_viewport_size({"width": width, "height": 800})
    document = study.document
    document["stages"]["relevance"] |= {"guidelines": GUIDELINES, "session": 1}
    Study.objects.update(document=document)
    found = {}

    at.goto(at.url)
    at.locator(".guidelines > summary").click()
    found["guidelines"] = faults_of(at)
    at.locator(".guidelines > summary").press("Shift+?")
    found["keys"] = faults_of(at)
    at.keyboard.press("Escape")
    at.evaluate("document.querySelector('input[name=fence]').value = 99")
    send(at)
    expect(at.get_by_role("heading", name="Nothing was stored")).to_be_focused()
    found["problem"] = faults_of(at)
    at.goto(live_server.url + RELEVANCE)
    send(at)
    is_done(at)
    for address in ("/judge/alps/", f"{RELEVANCE}{Assignment.objects.get(state='done').pk}/"):
        at.goto(live_server.url + address)
        found[address] = faults_of(at)

    assert {name: faults for name, faults in found.items() if faults} == {}
