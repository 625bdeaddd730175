"""A rater's page in a real browser: marking words, keys of one's own, texts that mean harm."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from annotation.actions.tasks import open_all_tasks
from annotation.models import Judgment
from annotation.rubrics.loading import load_default
from collection.models import Turn
from generation.models import Attribute, Prompt, Response
from studies.models import Participant, Study
from tests.samples import ALL_SCOPES, make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from tests.web.markdown.payloads import PAYLOADS
from tests.web.test_in_browser import carry_session, faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

RELEVANCE = "/judge/alps/relevance/"
SELECT = """([letter, words]) => {
  const passage = document.querySelector(`[data-passage="${letter}"]`);
  const walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at >= 0) {
      return getSelection().setBaseAndExtent(
        walker.currentNode, at, walker.currentNode, at + words.length);
    }
  }
}"""

RICH = """# A plan

For **you**, by [train](https://trains.example):

| Time | What | Cost |
|---|---|---|
| 09:00 | The night train with a long name that goes far | 28.00 |

```python
def climb(height: float) -> float: return height / 0.8  # a line that is longer than a phone
```

$$\\int_0^h \\frac{1}{v(x)}\\,dx$$

1. خطة ليوم الأحد
2. ![A map](https://maps.example/map.png)
"""


def marking_rubric() -> dict[str, Any]:
    """The default of stage 3, with what the study wants to have marked in each response."""
    document = load_default("response") | {"version": 7}
    wording = {"peer": {"en": "An outright mention"}}
    question = {"key": "mentions", "kind": "spans", "per": "response", "required": False}
    preference, quality = document["questions"][:2]
    optional = quality | {"required": False}
    document["questions"] = [preference, optional, question | {"wording": wording}]
    return document


@pytest.fixture
def study(db: None) -> Study:
    response = STAGES["response"] | {"rubric": marking_rubric()}
    study = make_study("alps", STAGES | {"response": response}, consent=CONSENT)
    fill(study, make_participant(study, "owner"))
    open_all_tasks(study=study)
    return study


@pytest.fixture
def at(page: Page, live_server: LiveServer, study: Study, client: Client) -> Page:
    """A browser that entered as a peer; whatever it complains about fails the test."""
    peer: Participant = make_participant(study, "peer", ALL_SCOPES)
    carry_session(page, live_server, entered_as(client, peer))
    return page


def test_marked_words_are_stored_with_their_places(at: Page, live_server: LiveServer) -> None:
    text = "You **live 😀 near** Bern, so walk."
    Response.objects.update(text=text)
    at.goto(f"{live_server.url}/judge/alps/response/")
    at.keyboard.press("4")
    at.keyboard.press("Enter")
    expect(at.get_by_text("An outright mention").last).to_be_visible()

    at.evaluate(SELECT, ["A", "😀 near"])
    expect(at.get_by_role("group", name="Mark the selected words")).to_be_visible()
    at.keyboard.press("m")
    expect(at.locator(".passages li")).to_have_text("😀 near×")
    at.keyboard.press("Enter")
    expect(at.get_by_role("heading", name="That was the last one")).to_be_visible()

    answers: Any = Judgment.objects.get().answers
    ((place, spans),) = answers["mentions"].items()
    assert place in {"r1-generic", "r1-all"}
    assert [text[start:end] for start, end in spans] == ["😀 near"]


def test_mark_is_taken_off_again(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/response/")
    at.keyboard.press("4")
    at.keyboard.press("Enter")
    expect(at.get_by_text("An outright mention").last).to_be_visible()
    at.evaluate(SELECT, ["B", "answer"])
    at.get_by_role("group", name="Mark the selected words").get_by_role("button").click()

    at.get_by_role("button", name="Take the mark off: answer").click()

    expect(at.locator(".passages li")).to_have_count(0)
    assert at.evaluate("document.querySelector('textarea[name*=mentions]').value") == ""


def test_key_is_changed_kept_and_refused_where_it_is_taken(
    at: Page, live_server: LiveServer
) -> None:
    at.goto(f"{live_server.url}/judge/alps/relevance/")
    at.keyboard.press("?")
    change = at.get_by_role("button", name="Change the key of “Optional”")
    change.click()
    at.keyboard.press("s")
    expect(at.locator("[data-keys-state]")).to_have_text(
        "That key is taken by “Skip”. Choose another one."
    )
    at.keyboard.press("j")
    expect(at.locator("[data-keys-state]")).to_have_text("Kept on this device.")

    at.reload()
    at.keyboard.press("j")

    expect(at.get_by_label("Optional")).to_be_checked()


def test_skipping_by_key_comes_into_view_with_no_reason_chosen(
    at: Page, live_server: LiveServer
) -> None:
    at.set_viewport_size({"width": 1280, "height": 400})
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press("s")
    reason = at.get_by_label("Why do you skip this?")
    expect(reason).to_be_focused()
    expect(reason).to_be_in_viewport()
    expect(reason).to_have_value("")
    at.get_by_role("button", name="Skip this task").click()
    expect(at.get_by_role("link", name="Say why you skip it.")).to_be_visible()
    at.get_by_label("Why do you skip this?").press("Escape")
    expect(at.locator(".skipping > summary")).to_be_focused()


def test_text_that_is_too_long_is_counted_and_named(at: Page, live_server: LiveServer) -> None:
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press("3")
    at.keyboard.press("f")
    comment = at.get_by_label("Say something about it")
    comment.evaluate("(field) => field.focus()")
    at.keyboard.insert_text("x" * 5_050)
    expect(at.locator("[data-counter]")).to_have_text("5,050 / 5,000")
    at.locator("[data-next]").click()
    fault = "It has 5,050 characters; at most 5,000 can be stored."
    expect(at.locator(".panel .errorlist")).to_have_text(fault)
    expect(comment).to_be_focused()

    comment.fill("x" * 5_000)
    at.route(f"**{RELEVANCE}", lambda route: route.fulfill(status=413), times=1)
    at.locator("[data-next]").click()
    expect(at.locator("[data-state]")).to_contain_text("it is more than can be stored")
    assert comment.input_value() == "x" * 5_000
    assert Judgment.objects.count() == 0


def test_enter_goes_on_from_a_break(at: Page, live_server: LiveServer, study: Study) -> None:
    fill(study, make_participant(study, "other"), 2)
    open_all_tasks(study=study)
    study.document["stages"]["relevance"]["session"] = 1
    Study.objects.update(document=study.document)
    at.goto(live_server.url + RELEVANCE)
    at.keyboard.press("3")
    at.keyboard.press("Enter")
    expect(at.get_by_role("heading", name="Time for a break")).to_be_focused()

    at.keyboard.press("Enter")

    expect(at.get_by_role("heading", name="Should it matter for this request?")).to_be_focused()


def test_keys_of_a_question_go_on_to_the_next_response(at: Page, live_server: LiveServer) -> None:
    at.goto(f"{live_server.url}/judge/alps/response/")
    for key in ("4", "Enter"):
        at.keyboard.press(key)
    quality = at.locator("fieldset[data-question=quality]")
    expect(quality).to_have_count(2)

    at.keyboard.press("1")
    at.keyboard.press("5")

    expect(quality.nth(0).get_by_label("Very poor")).to_be_checked()
    expect(quality.nth(1).get_by_label("Very good")).to_be_checked()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_rich_texts_fit_and_shut_nobody_out(
    at: Page, live_server: LiveServer, width: int, scheme: Any
) -> None:
    Response.objects.update(text=RICH)
    Turn.objects.update(content=RICH)
    Prompt.objects.update(text=RICH)
    at.set_viewport_size({"width": width, "height": 740})
    at.emulate_media(color_scheme=scheme)

    for stage in ("extraction", "relevance", "response"):
        at.goto(f"{live_server.url}/judge/alps/{stage}/")
        overhang = at.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (stage, overhang, faults_of(at)) == (stage, 0, [])
    tops = at.evaluate("[...document.querySelectorAll('[data-key]')].map((one) => one.offsetTop)")
    assert len(tops) == 7
    assert len(set(tops)) == (7 if width < 768 else 1)  # a list of words on a phone, else a row


def test_responses_scroll_together_by_their_share(at: Page, live_server: LiveServer) -> None:
    first, second = Response.objects.order_by("ref")
    Response.objects.filter(pk=first.pk).update(text="Word\n\n" * 100)
    Response.objects.filter(pk=second.pk).update(text="Word\n\n" * 300)
    at.goto(f"{live_server.url}/judge/alps/response/")
    share = "(one) => one.scrollTop / (one.scrollHeight - one.clientHeight)"

    at.locator(".reply").nth(0).evaluate("(one) => one.scrollTo(0, one.scrollHeight / 2)")
    expect(at.locator(".reply").nth(1)).not_to_have_js_property("scrollTop", 0)

    shares = [at.locator(".reply").nth(number).evaluate(share) for number in (0, 1)]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)


def test_key_goes_to_each_turn_where_it_was_said(at: Page, live_server: LiveServer) -> None:
    attribute = Attribute.objects.get()
    turn = Turn.objects.get(position=2)
    evidence = attribute.evidence.get()
    evidence.pk, evidence.turn, evidence.start, evidence.end = None, turn, 0, 5
    evidence.save(force_insert=True)
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    at.locator("#card-1 summary").first.focus()

    at.keyboard.press("e")
    expect(at.locator("#turn-1 mark")).to_be_focused()
    at.keyboard.press("e")
    expect(at.locator("#turn-3 mark")).to_be_focused()


def test_phone_shows_a_statement_with_its_evidence(at: Page, live_server: LiveServer) -> None:
    Turn.objects.filter(position=0).update(content="I live near Bern. " + "It rains. " * 400)
    at.set_viewport_size({"width": 390, "height": 780})
    at.goto(f"{live_server.url}/judge/alps/extraction/")
    at.locator("#card-2 > summary").click()
    at.get_by_role("button", name="Back").click()

    expect(at.locator("mark.now")).to_be_in_viewport()
    statement = at.locator("#card-1 .statement").bounding_box()
    conversation = at.locator(".conversation").bounding_box()
    assert statement
    assert conversation
    assert conversation["y"] + conversation["height"] <= statement["y"] < 780


def test_hostile_texts_run_nothing_and_visit_nobody(at: Page, live_server: LiveServer) -> None:
    every = "\n\n".join(PAYLOADS)
    for row in (Response, Prompt, Attribute):
        row.objects.update(text=every)
    Turn.objects.update(content=every)
    visited: list[str] = []
    at.on("request", lambda request: visited.append(_elsewhere(request, live_server.url)))
    at.on("dialog", lambda dialog: pytest.fail(dialog.message))

    for stage in ("extraction", "relevance", "response"):
        at.goto(f"{live_server.url}/judge/alps/{stage}/", wait_until="networkidle")
        assert at.evaluate("typeof harmed") == "undefined"
        assert at.locator("#task").count() == 1

    assert set(visited) == {""}


def _elsewhere(request: Request, home: str) -> str:
    return "" if request.url.startswith((home, "data:", "blob:")) else request.url
