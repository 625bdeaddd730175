"""The whole job in a browser: a person, a judge and a researcher meet in the demo study."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pandas
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.rating import Answers, judge_task
from tests.journeys.watch import Watch
from tests.site import Site

pytestmark = pytest.mark.journey

STAGES = {
    "extraction": "What was noted about a person",
    "relevance": "What matters for a request",
    "response": "Which answer helps more",
}


def test_demo_study_from_consent_to_parquet(site: Site, visit: Visit, tmp_path: Path) -> None:
    given = person_judges(*visit())
    page, watch = visit()
    sign_in(page, watch, site)
    judge_judges(page)
    shown = agreement_shown(page, watch)
    rows = released_judgments(page, watch, tmp_path)

    assert shown == {stage: figures(site, stage) for stage in STAGES}
    assert_holds(rows, given)


def person_judges(page: Page, watch: Watch) -> dict[str, Answers]:
    """Enter, consent, and judge one task of each stage."""
    page.goto("/")
    watch.look()
    page.locator("main a[href='/s/demo/']").click()
    watch.look()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Agree and begin").click()
    expect(page.get_by_text("You are in.")).to_be_visible()
    watch.look()
    given = {stage: judge_stage(page, watch, stage) for stage in STAGES}
    page.goto("/me/")
    watch.look()
    return given


def judge_stage(page: Page, watch: Watch, stage: str) -> Answers:
    """One task, and a look at the page that follows it."""
    page.goto(f"/judge/demo/{stage}/")
    watch.look()
    given = judge_task(page)
    watch.look()
    return given


def sign_in(page: Page, watch: Watch, site: Site) -> None:
    """As the researcher, with what the READY line tells."""
    page.goto("/studies/demo/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    watch.look()
    page.locator("input[name=login]").fill(site.ready["admin_user"])
    page.locator("input[name=password]").fill(site.ready["admin_password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Machine work")).to_be_visible()
    watch.look()


def judge_judges(page: Page) -> None:
    """Let the study's judge judge every stage, and wait until it has."""
    for title in STAGES.values():
        page.goto("/studies/demo/runs/")
        page.get_by_label("Let a judge judge").select_option(label=title)
        page.locator("form:has(#judge-name) button").click()
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator("#live .state strong")).to_have_text("Finished", timeout=180_000)


def agreement_shown(page: Page, watch: Watch) -> dict[str, list[str]]:
    """Items and kappa of each stage's first question, as the study's page shows them."""
    page.goto("/studies/demo/")
    expect(page.locator("table.agreement")).to_have_count(len(STAGES))
    watch.look()
    return {stage: first_line(page, title) for stage, title in STAGES.items()}


def first_line(page: Page, title: str) -> list[str]:
    """Of the stage's table, in the columns that a person and a model share."""
    table = page.locator("table.agreement").filter(has_text=title)
    heads = table.locator("thead th").all_inner_texts()
    line = table.locator("tbody tr").first.locator("th, td").all_inner_texts()
    shown = [line[heads.index(head)] for head in ("Items", "A person and a model")]
    return [text.partition("[")[0].strip() for text in shown]  # without the interval


def figures(site: Site, stage: str) -> list[str]:
    """The same from the API, written as the page writes them."""
    address = f"{site.url}/api/v1/studies/demo/agreement/?stage={stage}"
    bearer = {"Authorization": f"Bearer {site.ready['api_token']}"}
    with urlopen(Request(address, headers=bearer), timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
    group = next(row for row in document["groups"] if row["group"] == "human-llm")
    return [str(document["items"]), f"{written(group['pooled_kappa'])} n {group['items']}"]


def written(kappa: float | None) -> str:
    """A figure as the page writes it."""
    return "–" if kappa is None else f"{kappa:.2f}".replace("-", "−")


def released_judgments(page: Page, watch: Watch, folder: Path) -> pandas.DataFrame:
    """Build a release, download its table of judgments, and open it."""
    page.get_by_role("button", name="Build a release").click()
    links = page.get_by_role("link", name="data/judgments")
    reload_until(page, links.first)
    watch.look()
    parts = []
    for number, link in enumerate(links.all()):
        with page.expect_download() as download:
            link.click()
        download.value.save_as(folder / f"{number}.parquet")
        parts.append(pandas.read_parquet(folder / f"{number}.parquet"))
    return pandas.concat(parts)


def reload_until(page: Page, wanted: Locator) -> None:
    """Reload, as the page asks, until it is there."""
    deadline = time.monotonic() + 120
    while not wanted.is_visible() and time.monotonic() < deadline:
        page.reload(wait_until="networkidle")
    expect(wanted).to_be_visible()


def assert_holds(rows: pandas.DataFrame, given: dict[str, Answers]) -> None:
    """Every answer that the person gave is in the release, and the judge's beside it."""
    assert not rows.empty
    human = rows[rows["rater_kind"] == "human"]
    judged = rows[rows["rater_kind"] == "llm"]
    for stage, answers in given.items():
        own = human[human["stage"] == stage]
        stored = Counter(zip(own["question"], own["value"], strict=True))
        shown = Counter(in_item_order(own, answers))
        assert answers
        assert shown - stored == Counter(), stage
        assert set(own["item"]) <= set(judged[judged["stage"] == stage]["item"])


def in_item_order(own: pandas.DataFrame, answers: Answers) -> Answers:
    """The answers as they are stored: the sides turned back where they were shown swapped."""
    is_swapped = bool(own["swapped"].any())
    turned = {"first_much": "second_much", "first_better": "second_better"}
    return [(key, turned.get(value, value) if is_swapped else value) for key, value in answers]


BREAK = """
document.documentElement.removeAttribute("lang");
document.body.append(Object.assign(new Image(), { src: "http://elsewhere.invalid/i.png" }));
"""


def test_watch_notes_what_a_page_breaks(visit: Visit) -> None:
    page, watch = visit()
    page.goto("/")

    with page.expect_console_message(lambda message: "img-src" in message.text):
        page.evaluate(BREAK)
    with pytest.raises(AssertionError, match="img-src"):
        watch.look()
    watch.complaints.clear()
    with pytest.raises(AssertionError, match="html-has-lang"):
        watch.look()
