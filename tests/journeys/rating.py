"""A person who judges with the keyboard alone, by the keys that the page shows."""

import re

from playwright.sync_api import Locator, Page, expect

MOST_STEPS = 200
OPEN_CARD = "details[data-card][open], div[data-card]"
PLACE = "input[name=assignment]"
UNANSWERED = "fieldset.question[aria-required=true]:not(:has(input:checked)):visible"

Answers = list[tuple[str, str]]
"""(question, value as shown) in the order in which they were given."""


def judge_task(page: Page) -> Answers:
    """Answer the task shown, question by question, until the page shows another or none."""
    place = page.locator(PLACE).input_value()
    given: Answers = []
    for _step in range(MOST_STEPS):
        open_question = page.locator(OPEN_CARD).first.locator(UNANSWERED)
        if open_question.count():
            given.append(_answer(page, open_question.first))
            continue
        _go_on(page)
        if not page.locator(f"{PLACE}[value='{place}']").count():
            return given
    raise AssertionError(f"the task does not end: {given}")


def _answer(page: Page, question: Locator) -> tuple[str, str]:
    """Press the key of an answer: the first on odd cards, else the second, so figures vary."""
    card = page.locator(OPEN_CARD).first.get_attribute("data-card")
    chosen = question.locator("input[data-key]").nth((int(card or 1) - 1) % 2)
    handle = chosen.element_handle()
    key, name = handle.get_attribute("data-key"), handle.get_attribute("name")
    assert key
    assert name
    _reach(page, question)
    page.keyboard.press(key)
    assert handle.is_checked(), f"{key} does not answer {name}"
    # A name such as item1-quality:r7 asks "quality" about r7.
    return re.sub(r"^item\d+-", "", name).split(":")[0], handle.get_attribute("value") or ""


def _reach(page: Page, question: Locator) -> None:
    """A key that several questions know acts on the one that has the focus: go there."""
    element = question.element_handle()
    while page.evaluate(
        """(wanted) => {
            const here = document.activeElement?.closest("fieldset.question");
            return here && here !== wanted && here.compareDocumentPosition(wanted) & 4;
        }""",
        element,
    ):
        page.keyboard.press("Tab")


def _go_on(page: Page) -> None:
    """Press Enter: to the next card at once, or on with what the site answers."""
    cards = page.locator("details[data-card]")
    if cards.count() and cards.last.get_attribute("open") is None:
        page.keyboard.press("Enter")
        return
    page.evaluate("document.querySelector('form[data-submits]').dataset.sent = ''")
    page.keyboard.press("Enter")
    page.locator("form[data-sent]").wait_for(state="detached")
    expect(page.locator("[data-faults]")).to_have_count(0)
