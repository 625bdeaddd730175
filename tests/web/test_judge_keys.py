"""The keys of a whole page: each control shows its own, and no two that can be used share one."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.web.pages import filled, text_of

VOID = {"input", "br", "hr", "img", "meta", "link"}


class Controls(HTMLParser):
    """Controls with a key, by the card they stand in (or none); hidden ones are left out.

    Of a question that is asked at several places only the first is taken: the others rest.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.keys: dict[str, list[str]] = {"": []}
        self.shown: list[str] = []
        self._open: list[dict[str, str | None]] = []
        self._asked: dict[tuple[str, str], str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = dict(attrs)
        if tag not in VOID:
            self._open.append(here)
        self._take(here)
        if tag == "kbd":
            self.shown.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self.shown and self.shown[-1] == "":
            self.shown[-1] = data

    def _around(self, name: str) -> str:
        return next((one[name] or "" for one in reversed(self._open) if name in one), "")

    def _take(self, here: dict[str, str | None]) -> None:
        key = here.get("data-key") or here.get("data-shortcut")
        steps = any("data-steps" in one for one in self._open)
        if not key or (any("hidden" in one for one in self._open) and not steps):
            return
        card, question = self._around("data-card"), self._around("data-question")
        place = self._asked.setdefault((card, question), self._around("data-target"))
        if "data-key" not in here or place == self._around("data-target"):
            self.keys.setdefault(card, []).append(key)


def pages_of(rater: Client, stage: str) -> list[str]:
    """The page of a stage, and where it has two steps that of the second too."""
    address = f"/judge/alps/{stage}/"
    first = text_of(rater.get(address))
    if stage != "response":
        return [first]
    rater.post(address, filled(first))
    return [first, text_of(rater.get(address))]


@pytest.mark.parametrize("stage", ["extraction", "relevance", "response"])
def test_no_two_controls_of_a_page_share_a_key(rater: Client, stage: str) -> None:
    for page in pages_of(rater, stage):
        found = Controls(page)
        for card in found.keys:
            usable = found.keys[card] + (found.keys[""] if card else [])
            assert sorted(usable) == sorted(set(usable))
            assert set(usable) <= set(found.shown)
        assert len(found.keys) > 1
        assert {"?", "p", "s", "u"} <= set(found.keys[""])
