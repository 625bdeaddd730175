"""Nothing that somebody wrote becomes a script, a visit elsewhere or a part of our page."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.web.markdown.payloads import PAYLOADS
from web.markdown.leaves import Mark
from web.markdown.showing import ATTRIBUTES, CLASSES, CLEANER, ELEMENTS, FORMULAS, shown

ADDED = {"a": {"href", "target", "rel"}}
ALLOWED = {*ELEMENTS.split(), *FORMULAS.split()}


class Reader(HTMLParser):
    """Every element of a page with its attributes, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) > 250


@pytest.mark.parametrize("has_places", [False, True])
def test_hostile_text_leaves_only_what_is_allowed(has_places: bool) -> None:
    for payload in PAYLOADS:
        page = shown(payload, has_places=has_places, marks=[Mark(1, 1, 9)])
        reader = Reader(page)
        assert reader.open == [], payload
        for tag, attributes in reader.elements:
            assert tag in ALLOWED, payload
            assert_harmless(tag, attributes, payload)


def assert_harmless(tag: str, attributes: dict[str, str | None], payload: str) -> None:
    """Nothing but what our own code writes: no handler, style, name or class of an author's."""
    known = ATTRIBUTES.get(tag, set()) | ADDED.get(tag, set()) | {"class"}
    assert attributes.keys() <= known, payload
    assert set((attributes.get("class") or "").split()) <= CLASSES.get(tag, set()), payload
    if "href" in attributes:
        scheme = urlsplit(attributes["href"] or "").scheme
        assert scheme in ("http", "https", "mailto", ""), payload
        assert attributes["rel"] == "noopener noreferrer nofollow", payload
    if "id" in attributes:
        assert attributes["id"] == "said-1", payload


def test_cleaner_holds_without_the_parser() -> None:
    for payload in PAYLOADS:
        for tag, attributes in Reader(CLEANER.clean(payload)).elements:
            assert tag in ALLOWED, payload
            assert not [name for name in attributes if name.startswith("on")], payload
            assert "style" not in attributes, payload
            assert not (attributes.get("href") or "").lower().startswith("javascript"), payload
