"""Somebody gives a ChatGPT export: by keyboard alone, or with a finger on a phone."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.collection.exports import chain, listed, message, tree, zipped
from tests.journeys.hands import Finger, Hands, Keyboard
from tests.journeys.watch import Watch
from tests.site import ROOT, Site, running_site

pytestmark = pytest.mark.journey

STUDY = {
    "slug": "giving",
    "title": {"en": "Giving"},
    "consent": {"version": "1", "text": {"en": "Everybody here is invented."}},
    "donate": {"least": 1, "most": 5},
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
NODES = {
    "a": (None, message("user", "<script>alert(1)</script> مرحبا")),
    "b": ("a", message("assistant", "First reply")),
    "c": ("a", message("assistant", "Second reply")),
}
ROWS = [tree(NODES, "c", "t", title="Two replies", create_time=1.8e9)]
ROWS += [chain(name=f"g{n}", title=f"Title {n:03}") for n in range(60)]


@pytest.fixture(scope="module")
def giving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose study asks for past conversations."""
    directory = tmp_path_factory.mktemp("giving")
    with running_site(directory) as site:
        study = directory / "study.json"
        study.write_text(json.dumps(STUDY))
        place = {
            "DATA_DIR": str(directory),
            "DATABASE_URL": f"sqlite:///{directory}/firsthand.sqlite3",
        }
        command = [sys.executable, str(ROOT / "manage.py"), "load_study", str(study)]
        subprocess.run(command, env=os.environ | place, check=True, capture_output=True)
        yield site


def hands_on(page: Page, screen: dict[str, Any]) -> Hands:
    """The keyboard on a desktop, a finger on a phone."""
    return Keyboard(page) if screen is DESKTOP else Finger(page)


def files_in(site: Site) -> list[str]:
    """What lies where donations lie."""
    return sorted(path.name for path in (site.data_dir / "donations").glob("*"))


def enter(page: Page, hands: Hands) -> None:
    """Agree, and go to the page that asks for a file."""
    page.goto("/s/giving/")
    hands.press(page.get_by_role("checkbox").first)
    with page.expect_navigation():
        hands.press(page.get_by_role("button", name="Agree and begin"))
    page.goto("/s/giving/donate/")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["keyboard", "finger"])
def test_export_is_given(
    giving: Site,
    new_context: Callable[..., BrowserContext],
    tmp_path: Path,
    screen: dict[str, Any],
) -> None:
    page = new_context(base_url=giving.url, locale="en-US", **screen).new_page()
    watch, hands = Watch(page, giving.url), hands_on(page, screen)
    enter(page, hands)
    watch.look()

    export = tmp_path / "export.zip"
    export.write_bytes(zipped({"conversations.json": listed(*ROWS)}))
    page.get_by_label("Your file").set_input_files(export)
    hands.press(page.get_by_role("button", name="Send and look inside"))
    expect(page.get_by_text("61 conversations")).to_be_visible()
    hands.press(page.get_by_role("checkbox", name="Title 003"))
    expect(page.get_by_text("1 chosen")).to_be_visible()
    watch.look()

    hands.press(page.get_by_role("button", name=re.compile("Open.*Two replies")))
    expect(page.get_by_text("<script>alert(1)</script> مرحبا")).to_be_visible()
    hands.press(page.get_by_role("link", name="Version 2"))
    expect(page.get_by_text("First reply")).to_be_visible()
    watch.look()
    hands.press(page.get_by_role("button", name="Choose this version"))
    hands.press(page.get_by_role("button", name="Older"))
    expect(page.get_by_text("2 chosen")).to_be_visible()
    assert page.viewport_size
    width = page.viewport_size["width"]
    expect(page.locator("html")).to_have_js_property("scrollWidth", width)
    hands.press(page.get_by_role("button", name="Take these to read"))

    expect(page.get_by_text("2 conversations are here for you to read.")).to_be_visible()
    assert files_in(giving) == []
    watch.listen()


def test_bad_file_is_told_where_the_focus_is(
    giving: Site, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = new_context(base_url=giving.url, locale="en-US", **PHONE).new_page()
    enter(page, Finger(page))
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(200_000_000)
    cut = tmp_path / "cut.json"
    cut.write_bytes(listed(*ROWS)[:-100])

    before = files_in(giving)

    page.get_by_label("Your file").set_input_files(large)
    told = page.get_by_label("Your file").evaluate("(field) => field.validationMessage")
    page.get_by_label("Your file").set_input_files(cut)
    page.get_by_role("button", name="Send and look inside").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Conversation 61 of the file")
    assert "larger than 100 MB" in told
    assert files_in(giving) == before
