"""Web and worker die by `kill -9` in the middle of fifty streamed replies, under the supervisor.

Each browser is a thread that comes back with what it has, as an `EventSource` does.
"""

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from collection.unshared.models import ReplyEvent, UnsharedConversation, UnsharedTurn
from llm.models import Call
from tests.collection.conversing import begun, converse_study, model_at
from tests.journeys.model import echoing_model
from tests.site import Site, database_of_test, running_site, wait_for
from web.participants import ENTERED
from work.models import Job

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

STREAMS = 50
SECONDS = 60
PAUSE_MS = 100
CSRF = "c" * 32


@dataclass
class Browser:
    """One person's open page: what it shows of the reply, and whether the end was told."""

    port: int
    conversation: UnsharedConversation
    said: str
    shown: str = ""
    place: str = ""
    is_over: bool = False
    session: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        store[ENTERED] = [str(self.conversation.participant_id)]
        store.create()
        self.session = store.session_key

    def post(self, name: str, **fields: str) -> int:
        """Send a form; the status."""
        form = "&".join(f"{key}={value}" for key, value in fields.items())
        with self._answer("POST", f"{name}/", f"csrfmiddlewaretoken={CSRF}&{form}") as answer:
            return answer.status

    def follow(self) -> None:
        """Read the stream until its end is told, coming back whenever it breaks."""
        deadline = time.monotonic() + SECONDS
        while not self.is_over and time.monotonic() < deadline:
            try:
                with self._answer("GET", "stream/", "") as answer:
                    self._read(answer)
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0 if self.is_over else 0.3)

    def _read(self, answer: http.client.HTTPResponse) -> None:
        while answer.status == 200 and not self.is_over and (line := answer.readline()):
            self._take(line.decode().rstrip("\n"))

    def _take(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self.place = value
        elif name == "event" and value == "end":
            self.is_over = True
        elif name == "data":
            self.shown += json.loads(value).get("text", "")

    @contextmanager
    def _answer(self, method: str, name: str, form: str) -> Iterator[http.client.HTTPResponse]:
        headers = {"Cookie": f"session={self.session}; csrf={CSRF}", "Last-Event-ID": self.place}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = f"/s/alps/converse/{self.conversation.pk}/{name}"
        visit = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(visit):
            visit.request(method, path, form or None, headers)
            with visit.getresponse() as answer:
                yield answer


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    """The whole site on the test's own database."""
    data_dir = tmp_path / "site"
    data_dir.mkdir()
    with running_site(data_dir, DATABASE_URL=database_of_test()) as running:
        yield running


def test_killed_web_and_worker_lose_no_turn(site: Site, tmp_path: Path) -> None:
    with echoing_model(tmp_path / "billed", pause_ms=PAUSE_MS) as model:
        model_at(model.url)
        browsers = opened(site)
        started = time.monotonic()
        threads = [threading.Thread(target=converse, args=(one,), daemon=True) for one in browsers]
        for thread in threads:
            thread.start()
        assert wait_for(lambda: has_some_of_each(browsers)), site.logs()
        kill(site, "config.server", "config.celery")
        for thread in threads:
            thread.join(SECONDS)

        assert time.monotonic() - started < SECONDS, site.logs()
        assert_settled(browsers)
        assert_tried_again(next(one for one in browsers if state_of(one) == "cut"))


def opened(site: Site) -> list[Browser]:
    """Fifty people with a page each; what they say is of different lengths."""
    study = converse_study()
    return [
        Browser(site.port, begun(study, f"p{n}"), "+".join(f"word{m}" for m in range(4 + 2 * n)))
        for n in range(STREAMS)
    ]


def converse(browser: Browser) -> None:
    """Say it, and read the reply to its end."""
    assert browser.post("turns", text=browser.said, key="1") == 302
    browser.follow()


def has_some_of_each(browsers: list[Browser]) -> bool:
    """Are some replies over while most are in the middle?"""
    over = sum(browser.is_over for browser in browsers)
    begun_ones = sum(bool(browser.shown) for browser in browsers)
    return over >= 5 and begun_ones - over >= 25


def kill(site: Site, *parts: str) -> None:
    """End these processes with nothing said."""
    for pid in {pid for part in parts for pid in site.pids_of(part)}:
        os.kill(pid, signal.SIGKILL)


def reply_of(browser: Browser) -> UnsharedTurn:
    """The newest reply."""
    return browser.conversation.turns.filter(role="assistant").order_by("-place")[0]


def state_of(browser: Browser) -> str:
    """How it ended."""
    return str(reply_of(browser).state)


def assert_settled(browsers: list[Browser]) -> None:
    """Every turn is there, and what is called whole is what the model said and the page shows."""
    states = set()
    for browser in browsers:
        said, reply = browser.said.replace("+", " "), reply_of(browser)
        states.add(reply.state)
        assert browser.conversation.turns.get(role="user").content == said
        assert reply.state in ("whole", "cut")
        assert said.startswith(reply.content)
        if reply.state == "whole":
            assert (reply.content, browser.shown) == (said, said)
        assert browser.conversation.turns.get(role="user").awaits_reply == (reply.state == "cut")
    assert states == {"whole", "cut"}
    assert not ReplyEvent.objects.exists()
    assert not Job.objects.filter(kind="reply").exclude(state="done").exists()
    assert not Call.objects.filter(state="sent").exists()


def assert_tried_again(browser: Browser) -> None:
    """A cut reply is asked for again and becomes whole."""
    browser.place, browser.shown, browser.is_over = "", "", False
    assert browser.post("again") == 302

    browser.follow()

    assert (state_of(browser), browser.shown) == ("whole", browser.said.replace("+", " "))
