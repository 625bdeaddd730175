"""A person's whole way: from a panel's link to the code, and out again without a trace."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bench.fakellm.honest import honest_answer
from bench.fakellm.server import FakeLlm
from tests.canaries import find, word
from tests.collection.exports import chain
from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.hands import Finger, Hands, Keyboard
from tests.journeys.rating import judge_task
from tests.journeys.watch import Watch
from tests.site import Site, running_site, wait_for

# The site has a database of its own; the search for words opens it.
pytestmark = [pytest.mark.journey, pytest.mark.django_db]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
ENTRY = "?PROLIFIC_PID=5f0000000000000000000{0}&STUDY_ID=6a&SESSION_ID=7b{0}"
CODE = "C0FFEE"

Come = Callable[..., tuple[Page, Watch]]


def study_of(slug: str, **sections: Any) -> dict[str, Any]:
    """A study that asks its people about themselves, and nobody else."""
    codes = {"done": CODE, "screened_out": "S0", "no_consent": "N0", "attention": "A0"}
    scopes = ["take_part", "converse", "models", "peers", "publish_words", "publish_ratings"]
    question = {
        "key": "age_band",
        "kind": "choice",
        "wording": {"en": "How old are you?"},
        "options": [{"value": age, "label": {"en": age}} for age in ("18-44", "45+")],
    }
    return {
        "slug": slug,
        "title": {"en": "Your own words"},
        "entry": {"panels": [{"name": "prolific", "kind": "prolific", "codes": codes}]},
        "consent": {"version": "1", "text": {"en": "We ask about you."}, "scopes": scopes},
        "survey": [question],
        "attributes": {"least": 1},
        "automatic": ["extraction"],
        "care": {"contact": {"en": "Write to the people who run this."}},
        "stages": {"extraction": {"overlap": {"owner": 1}}},
        **sections,
    }


CONVERSE = {"min_turns": 2, "max_turns": 3, "models": [{"endpoint": "default"}], "rating": True}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running site, and a model that streams its answers from another address."""
    folder = tmp_path_factory.mktemp("site")
    with (
        FakeLlm(honest_answer, pause=0.02) as model,
        running_site(folder, LLM_BASE_URL=model.url, LLM_MODEL="honest") as running,
    ):
        load(running, study_of("talk", converse=CONVERSE))
        load(running, study_of("gift", donate={"least": 1}))
        yield running


def load(site: Site, document: dict[str, Any]) -> None:
    """Make the study as a program does."""
    call(site, "studies/", document)


def release(site: Site, slug: str) -> None:
    """Build a release of the study, and wait until it is published."""
    made = call(site, f"studies/{slug}/releases/", {})
    address = f"releases/{made['id']}/"
    assert wait_for(lambda: call(site, address)["state"] == "published")


def call(site: Site, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the API; a body is posted."""
    heads = {
        "Authorization": f"Bearer {site.ready['api_token']}",
        "Content-Type": "application/json",
    }
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{site.url}/api/v1/{path}", data, heads), timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


@pytest.fixture
def come(site: Site, new_context: Callable[..., BrowserContext]) -> Come:
    """Somebody who was never here comes by the panel's link."""
    expect.set_options(timeout=PATIENCE_MS)

    def enter(slug: str, number: int, **screen: Any) -> tuple[Page, Watch]:
        context = new_context(base_url=site.url, locale="en-US", **screen)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watch = Watch(page, site.url)
        page.goto(f"/s/{slug}/{ENTRY.format(number)}")
        return page, watch

    return enter


@pytest.mark.parametrize(
    ("hands_of", "screen", "number"), [(Finger, PHONE, 1), (Keyboard, DESKTOP, 2)]
)
def test_talk_from_panel_link_to_code_and_out_again(
    site: Site, come: Come, hands_of: type[Finger], screen: dict[str, Any], number: int
) -> None:
    secret = word("talk")
    page, watch = come("talk", number, **screen)
    hands = hands_of(page)
    enter(hands, watch)
    talk(hands, watch, secret)
    share(hands, watch, secret)
    remember(hands, watch)
    judge_own(page, watch)
    assert_code(page, watch)
    release(site, "talk")
    assert any("/releases/" in place for place in held_by(site, secret))
    erase(hands, watch)

    assert wait_for(lambda: not held_by(site, secret)), held_by(site, secret)


def test_gift_from_panel_link_to_code_and_out_again(site: Site, come: Come, tmp_path: Path) -> None:
    secret = word("gift")
    page, watch = come("gift", 3, **PHONE)
    hands = Finger(page)
    enter(hands, watch)
    give(hands, watch, export_of(tmp_path, secret))
    share(hands, watch, secret)
    remember(hands, watch)
    judge_own(page, watch)
    assert_code(page, watch)
    erase(hands, watch)

    assert wait_for(lambda: not held_by(site, secret)), held_by(site, secret)


def enter(hands: Hands, watch: Watch) -> None:
    """Consent to everything, then the survey."""
    page = hands.page
    expect(page).to_have_url(re.compile(r"/s/\w+/$"))  # the panel's ids are gone from the address
    watch.look()
    for box in page.get_by_role("checkbox").all():
        hands.press(box)
    hands.press(page.get_by_role("button", name="Agree and begin"))
    go_on(hands, watch, "A few questions about you")
    hands.press(page.get_by_role("radio", name="18-44"))
    hands.press(page.get_by_role("button", name="Send and go on"))


def go_on(hands: Hands, watch: Watch, part: str) -> None:
    """From the door to the part that is next."""
    link = hands.page.locator("p.actions a").filter(has_text=part)
    expect(link).to_be_visible()
    watch.look()
    hands.press(link)
    expect(hands.page.get_by_role("heading", level=1)).to_be_visible()
    watch.look()


def talk(hands: Hands, watch: Watch, secret: str) -> None:
    """Two messages, each answered as it streams; then finish."""
    page = hands.page
    go_on(hands, watch, "A conversation")
    hands.press(page.get_by_role("button", name="Begin the conversation"))
    for number, text in enumerate([f"I live near {secret} with my son.", "I want to hike. Where?"]):
        hands.write(page.get_by_label("Your message"), text)
        hands.press(page.get_by_role("button", name="Send"))
        expect(page.locator(".theirs").nth(number)).to_contain_text("it depends.")
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        watch.look()
    hands.press(page.get_by_role("button", name="Finish the conversation"))


def give(hands: Hands, watch: Watch, export: Path) -> None:
    """Upload an export and choose its one conversation."""
    page = hands.page
    go_on(hands, watch, "Conversations you had before")
    page.locator("input[type=file]").set_input_files(export)
    hands.press(page.locator("form:has(input[type=file]) button[type=submit]"))
    expect(page.get_by_role("heading", name="Choose conversations")).to_be_visible()
    watch.look()
    hands.press(page.locator("input[name=chosen]").first)
    hands.press(page.get_by_role("button", name="Take these to read"))


def export_of(folder: Path, secret: str) -> Path:
    """What ChatGPT would send: a zip with one conversation."""
    said = [f"I live near {secret} with my son.", "A fine place.", "I want to hike there."]
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps([chain(*said)]))
    return path


def share(hands: Hands, watch: Watch, secret: str) -> None:
    """Read, hide one word more, and share."""
    page = hands.page
    go_on(hands, watch, "Read it before anyone else does")
    hands.press(page.locator("a").filter(has_text="Read and decide"))
    expect(page.get_by_text("Not shared yet")).to_be_visible()
    watch.look()
    first = page.locator(".review-turn").first
    hands.press(first.locator(".turn-acts summary"))
    hands.write(first.get_by_label("Hide these words"), "my son")
    hands.press(first.get_by_role("button", name="Hide", exact=True))
    expect(page.locator("mark.hidden-words").first).to_be_visible()
    assert secret in page.locator(".review-turns").inner_text()
    hands.press(page.get_by_role("button", name=re.compile("^Share these")))


def remember(hands: Hands, watch: Watch) -> None:
    """Write one attribute of one's own; the model's are not to be seen before."""
    page = hands.page
    go_on_if_led(hands)
    go_on(hands, watch, "What an assistant should have learnt")
    hands.write(page.locator(".own-lines").get_by_role("textbox").first, "Likes to hike.")
    hands.press(page.get_by_role("button", name="Send and go on"))


def go_on_if_led(hands: Hands) -> None:
    """Past a page that only says that it worked."""
    link = hands.page.locator("p.actions a").filter(has_text=re.compile("^Go on$"))
    if link.count():
        hands.press(link.first)


def judge_own(page: Page, watch: Watch) -> None:
    """As soon as the machine has read it, judge what it noted."""
    link = page.locator("p.actions a").filter(has_text="What was noted about you")
    expect(link).to_be_visible()
    link.press("Enter")
    expect(page.locator("input[name=assignment]")).to_have_count(1)
    while page.locator("input[name=assignment]").count():
        watch.look()
        judge_task(page)


def assert_code(page: Page, watch: Watch) -> None:
    """The door leads to the code, as a link and as text."""
    slug = re.search(r"/(talk|gift)/", page.url)
    assert slug
    page.goto(f"/s/{slug[1]}/")
    expect(page.get_by_text(CODE).first).to_be_visible()
    expect(page.locator(f"a[href$='cc={CODE}']")).to_be_visible()
    watch.look()


def erase(hands: Hands, watch: Watch) -> None:
    """Everything held about oneself is shown, and then gone."""
    page = hands.page
    page.goto("/me/")
    watch.look()
    hands.press(page.locator("a").filter(has_text="See and correct what is held about you"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    watch.look()
    hands.press(page.get_by_role("link", name="Erase everything"))
    hands.press(page.get_by_role("checkbox"))
    watch.look()
    hands.press(page.get_by_role("button", name="Erase everything"))
    expect(page.get_by_text("Your receipt")).to_be_visible()
    watch.look()


def held_by(site: Site, secret: str) -> list[str]:
    """The places of the site that still hold the word."""
    return find(
        [secret],
        data_dir=site.data_dir,
        redis_url=f"unix://{site.data_dir}/run/valkey.sock",
        database_url=f"sqlite:///{site.data_dir}/firsthand.sqlite3",
    )
