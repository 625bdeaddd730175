"""Every page that a rater comes to besides a task, on one way by keyboard: nobody is shut out."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.actions.disputes import settle_disputes
from annotation.choices import Purpose
from annotation.models import Assignment, Task
from studies.models import Participant, Study
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, rater
from tests.samples import close_studies, make_participant
from tests.web.conftest import entered_as
from tests.web.test_in_browser import carry_session, faults_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

RESPONSE = "/judge/alps/response/"
LOOKS: list[tuple[int, int, Any]] = [(1280, 800, "light"), (360, 740, "dark")]
MOST_TABS = 30
RULES = {"rules": ["no_majority"]}
WARNED = {"distressing": {"text": {"en": "This is about a loss."}, "stages": ["response"]}}
PATIENCE_MS = 20_000


def press(page: Page, name: str) -> None:
    """Go to a control by Tab alone and press Enter."""
    for _tab in range(MOST_TABS):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            page.keyboard.press("Enter")
            return
    pytest.fail(f"{name} is not reached by Tab on {page.url}")


def arrive(page: Page, heading: str) -> str:
    """The heading, once it is there."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    return heading


def change_study(**sections: Any) -> None:
    """Its document says something else from now on; `response` is a part of the stage's."""
    study = Study.objects.get()
    document = study.document
    document["stages"]["response"] |= sections.pop("response", {})
    Study.objects.update(document=document | sections)


def answer_all(study: Study, name: str, favoured: str, count: int) -> None:
    """So many places besides the practice, each answered for the same response."""
    who = rater(study, name)
    while count and (place := claim(study, who)):
        count -= place.purpose == Purpose.MAIN
        shown = {"1": "2", "2": "1"}[favoured] if place.is_swapped else favoured
        answer(place, "A comment.", preference=shown)


@pytest.fixture
def study(db: None) -> Study:
    """Practice, a pair of which two peers say the opposite, and two that one more may judge."""
    known = gold(1, practice=1)
    study = study_with(4, places=2, adjudication=RULES, gold=known, session=1)
    answer_all(study, "worker-1", "1", 1)
    answer_all(study, "worker-2", "2", 3)
    tasks = Task.objects.filter(purpose=Purpose.MAIN).values_list("pk", flat=True)
    settle_disputes(study=study, stage="response", tasks=list(tasks))
    return study


@pytest.fixture
def at(page: Page, live_server: LiveServer, study: Study, client: Client) -> Page:
    """The browser of an expert, who judges as a peer as well."""
    person = make_participant(study, "expert")
    Participant.objects.filter(pk=person.pk).update(is_expert=True)
    expect.set_options(timeout=PATIENCE_MS)
    carry_session(page, live_server, entered_as(client, person))
    return page


def judge(page: Page) -> None:
    """Two keys."""
    page.wait_for_load_state("load")  # before that no script hears a key
    page.keyboard.press("1")
    expect(page.locator("[data-key='1']")).to_be_checked()
    page.keyboard.press("Enter")


def pages_of_tasks(page: Page, home: str) -> Iterator[str]:
    """From the list to a task that its study warns of, each page by its heading."""
    page.goto(f"{home}/s/alps/")
    page.goto(f"{home}/judge/")
    yield arrive(page, "What waits for you")
    press(page, "Go on")
    arrive(page, "Which answer helps more?")
    judge(page)
    yield arrive(page, "What was right")
    press(page, "Go on with the next task")
    yield arrive(page, "Time for a break")
    press(page, "Go on with the next task")
    expect(page.get_by_role("heading", name="Answers so far")).to_be_visible()
    yield "Answers so far"
    judge(page)
    arrive(page, "Time for a break")
    change_study(care=WARNED)
    press(page, "Go on with the next task")
    yield arrive(page, "Before you look")
    press(page, "Show it")
    arrive(page, "Which answer helps more?")


def pages_of_ends(page: Page, home: str) -> Iterator[str]:
    """Every way in which there is nothing more to judge."""
    mine = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.keyboard.press("1")
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('.answers'))")
    yield arrive(page, "Not sent: you are signed out")
    page.context.add_cookies(mine)  # type: ignore[arg-type]
    Assignment.objects.filter(state="leased").update(state="free", rater=None, lease_until=None)
    change_study(response={"eligibility": {"peer": {"comprehension": True}}})
    page.goto(home + RESPONSE)
    yield arrive(page, "Nothing to judge here")
    close_studies()
    page.goto(home + RESPONSE)
    yield arrive(page, "This is not open to you")
    page.goto(f"{home}/judge/")
    arrive(page, "What waits for you")
    yield "Nothing waits for you"


def look(page: Page, number: int) -> None:
    """One page is looked at on a desk in light, the next on a phone in the dark."""
    width, height, scheme = LOOKS[number % len(LOOKS)]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def test_pages_around_tasks_shut_nobody_out(at: Page, live_server: LiveServer) -> None:
    home, found = live_server.url, {}

    for number, name in enumerate(chain(pages_of_tasks(at, home), pages_of_ends(at, home))):
        look(at, number)
        overhang = at.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[name] = [*faults_of(at), *([f"{overhang} px too wide"] if overhang > 0 else [])]

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) == 9
