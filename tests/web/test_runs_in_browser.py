"""The pages about runs in a real browser: on a phone, and when the session ends."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from studies.models import Study
from tests.web.machines import make_run
from tests.web.test_in_browser import carry_session

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_page_outlives_the_session(
    page: Page, live_server: LiveServer, researcher: Client, study: Study
) -> None:
    run = make_run(study, "ready", "done")
    carry_session(page, live_server, researcher)
    page.goto(f"{live_server.url}/studies/alps/runs/{run.pk}/")

    Session.objects.all().delete()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    expect(page.get_by_text("1 of 2 done")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("User name or e-mail").fill("manager")
    page.get_by_label("Password").fill("a good long one")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(f"{live_server.url}/studies/alps/runs/{run.pk}/")
    expect(page.locator("#live .state strong")).to_have_text("Running")


FIGURES = {"low": 1_234_567, "expected": 2_345_678, "high": 12_345_678}
ESTIMATE = {
    "jobs": 980,
    "sampled": 40,
    "calls": {"low": 980, "expected": 980, "high": 1960},
    "prompt_tokens": FIGURES,
    "completion_tokens": FIGURES,
    "cost": {"low": "12.3", "expected": "23.4", "high": "123.45"},
    "answers_known_from": "ledger",
    "seconds": {"low": 60, "expected": 600, "high": 6000},
    "limited_by": None,
    "people_short": 0,
    "budgets": [],
}


def test_figures_are_in_sight_on_a_phone(
    page: Page, live_server: LiveServer, researcher: Client, study: Study
) -> None:
    run = make_run(study, "held", "done", state="paused", estimate=ESTIMATE)
    carry_session(page, live_server, researcher)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/studies/alps/runs/{run.pk}/")

    box = page.get_by_role("region", name="What it takes")
    expect(box).to_contain_text("2,345,678 (1,234,567–12,345,678)")
    assert box.evaluate("(box) => box.scrollWidth - box.clientWidth") == 0
