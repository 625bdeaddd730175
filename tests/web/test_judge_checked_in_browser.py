"""What a rater's page says before anything is sent: missing, too long, marked in part."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.actions.tasks import open_all_tasks
from annotation.models import Judgment
from generation.models import Response
from studies.models import Study
from tests.samples import make_participant
from tests.web.conftest import fill
from tests.web.test_in_browser import carry_session
from tests.web.test_judge_in_browser import RELEVANCE, at, marking_rubric, study

__all__ = ["at", "marking_rubric", "study"]
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

MISSING = "Please answer this question."
RESPONSE = "/judge/alps/response/"
ACROSS = """() => {
  const [first, last] = document.querySelectorAll(".said[data-passage] [data-at]");
  const end = last.lastChild;
  getSelection().setBaseAndExtent(first.firstChild, 0, end, end.length);
}"""


def keep_choice(page: Page) -> None:
    """Answer the first step of stage 3."""
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your choice:")).to_be_visible()


def mark_selected(page: Page) -> None:
    """By its key, once the page knows of the selection."""
    expect(page.get_by_role("group", name="Mark the selected words").first).to_be_visible()
    page.keyboard.press("m")


def test_mark_across_both_responses_says_what_is_stored(at: Page, live_server: LiveServer) -> None:
    Response.objects.filter(strategy="generic").update(text="Walk from Bern.")
    Response.objects.filter(strategy="all").update(text="Take the train.")
    at.goto(live_server.url + RESPONSE)
    keep_choice(at)

    at.evaluate(ACROSS)
    mark_selected(at)

    first = at.locator(".said[data-passage=A]").inner_text().strip()
    expect(at.locator(".passages li q")).to_have_text(first)
    expect(at.locator("[data-cut]").first).to_have_text(re.compile("a mark lies within one"))
    assert at.locator("textarea[name*=mentions]").first.input_value() == f"[[0-15]] “{first}”"


def test_marks_that_touch_become_one_with_all_its_words(at: Page, live_server: LiveServer) -> None:
    Response.objects.update(text="Walk from Bern.")
    at.goto(live_server.url + RESPONSE)
    keep_choice(at)
    for start, end in ((0, 9), (5, 14)):
        at.evaluate(
            """([start, end]) => {
              const words = document.querySelector("[data-passage=A] [data-at]").firstChild;
              getSelection().setBaseAndExtent(words, start, words, end);
            }""",
            [start, end],
        )
        mark_selected(at)

    expect(at.locator(".passages li q")).to_have_text("Walk from Bern")
    expect(at.locator("[data-cut]").first).to_be_empty()


def test_missing_answer_is_said_before_it_waits(at: Page, live_server: LiveServer) -> None:
    at.goto(live_server.url + RELEVANCE)
    at.context.set_offline(True)
    at.keyboard.press("Enter")

    expect(at.locator(".errorlist")).to_have_text(MISSING)
    expect(at.locator("fieldset[aria-invalid] input").first).to_be_focused()
    assert (
        at.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('unsent:'))") == []
    )
    at.keyboard.press("3")
    expect(at.locator(".errorlist")).to_have_count(0)
    at.keyboard.press("Enter")
    expect(at.get_by_role("button", name="Send now")).to_be_visible()
    at.context.set_offline(False)
    expect(at.get_by_role("heading", name="That was the last one")).to_be_visible()
    assert Judgment.objects.count() == 1


def test_enter_stays_with_a_card_that_is_not_answered(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    cards = at.locator("details[data-card]")
    at.keyboard.press("Enter")
    expect(cards.nth(0).locator(".errorlist").first).to_have_text(MISSING)
    expect(cards.nth(0)).to_have_attribute("open", "")

    at.keyboard.press("1")
    at.keyboard.press("q")
    at.get_by_role("radio", name="Lasting").press("Space")
    at.keyboard.press("Enter")

    expect(cards.nth(1)).to_have_attribute("open", "")


def test_what_the_device_cannot_keep_is_not_called_kept(at: Page, live_server: LiveServer) -> None:
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press("f")
    comment = at.get_by_label("Say something about it")
    comment.evaluate("(field) => { field.value = 'x'.repeat(6_000_000); }")
    comment.dispatch_event("input")
    state = at.locator("[data-state]")
    expect(state).to_contain_text("Not kept on this device")
    at.context.set_offline(True)
    expect(state).to_contain_text("Not kept on this device")

    comment.fill("short")

    expect(state).to_contain_text("kept on this device")
    expect(state).not_to_contain_text("Not kept")


def test_steps_are_words_on_a_phone(at: Page, live_server: LiveServer) -> None:
    Response.objects.update(text="A long line of words.\n\n" * 300)
    at.set_viewport_size({"width": 390, "height": 844})
    at.goto(live_server.url + RESPONSE)

    steps = at.locator("fieldset[data-kind=pairwise] label")
    boxes = [step.bounding_box() for step in steps.all()]
    assert steps.nth(3).inner_text().strip() == "No difference"
    assert [box and box["height"] >= 44 for box in boxes] == [True] * 7
    assert at.evaluate("document.documentElement.scrollHeight") < 3 * 844


def test_key_that_takes_back_is_named(at: Page, live_server: LiveServer) -> None:
    at.goto(live_server.url + RESPONSE)
    keep_choice(at)
    expect(at.locator(".one-key")).to_contain_text("u takes the last answer back")
    first = at.locator("fieldset[data-question=quality]").nth(0)
    at.keyboard.press("1")
    at.keyboard.press("u")
    at.keyboard.press("4")

    expect(first.locator("input[value=good]")).to_be_checked()


def test_bar_of_a_phone_is_one_line(at: Page, live_server: LiveServer, study: Study) -> None:
    fill(study, make_participant(study, "other"), 2)
    open_all_tasks(study=study)
    at.set_viewport_size({"width": 390, "height": 844})
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press("3")
    at.keyboard.press("Enter")
    expect(at.get_by_text("Your answers are saved.")).to_be_visible()
    expect(at.get_by_text("2 of 2")).to_be_visible()

    bar = at.locator(".bar").bounding_box()
    assert bar
    assert bar["height"] < 60


def test_conditions_are_said_without_a_script(
    at: Page, live_server: LiveServer, new_context: Callable[..., BrowserContext], client: Client
) -> None:
    plain = new_context(java_script_enabled=False).new_page()
    carry_session(plain, live_server, client)
    plain.goto(f"{live_server.url}/judge/alps/extraction/")

    asked = plain.locator("fieldset[data-question=fault]").first
    expect(asked).to_contain_text("Only if you answered “Does it describe this person?” with:")
    expect(asked).to_contain_text("Partly, Not accurate.")
