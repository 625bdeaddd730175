"""Choosing from a donation: what is ticked on which page, and the page that shows it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.core.paginator import Page, Paginator

from collection.donating.document import DonateSection
from collection.donating.listing import Listed
from collection.unshared.models import Donation

CHOSEN = "donated"
"""In the session: the donation, and its chosen conversations with their versions."""
LINES_PER_PAGE = 50
TURNS_PER_PAGE = 200
MOST_CHOSEN = 1000
LONGEST_FILTER = 100
NUMBER = re.compile("[0-9]{1,9}")


class Choice:
    """What a browser has chosen so far from one donation; kept in its session."""

    def __init__(self, session: SessionBase, donation: Donation) -> None:
        self._session = session
        self._donation = str(donation.pk)
        kept: dict[str, Any] = session.get(CHOSEN, {})
        mine = kept.get("versions", {}) if kept.get("donation") == self._donation else {}
        self.versions: dict[int, int] = {int(number): one for number, one in mine.items()}

    def tick(self, *, shown: Iterable[int], ticked: Iterable[int]) -> None:
        """Of the conversations on a page, exactly these are chosen."""
        fresh = set(ticked)
        for number in shown:
            if number in fresh:
                self.versions.setdefault(number, 0)
            else:
                self.versions.pop(number, None)
        self._keep()

    def put(self, number: int, version: int) -> None:
        """Choose one, in this version."""
        self.versions[number] = version
        self._keep()

    def drop(self, number: int) -> None:
        """Do not choose it after all."""
        self.versions.pop(number, None)
        self._keep()

    def drop_all(self) -> None:
        """Choose none of them, on whatever page they stand."""
        self.versions.clear()
        self._keep()

    def forget(self) -> None:
        """The donation is over."""
        self._session.pop(CHOSEN, None)

    def _keep(self) -> None:
        first = dict(list(self.versions.items())[:MOST_CHOSEN])
        self._session[CHOSEN] = {
            "donation": self._donation,
            "versions": {str(number): version for number, version in first.items()},
        }


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a donation's list."""

    donation: Donation
    terms: DonateSection
    page: "Page[Listed]"
    words: str
    chosen: dict[int, int]
    too_old: int
    """Conversations from before the study's date, which are not listed."""
    all: int
    """Conversations that are listed when nothing is filtered."""
    is_mine: bool
    """Only those that are chosen stand here."""

    @property
    def shown(self) -> str:
        """The numbers of the page's conversations that can be ticked."""
        return ",".join(str(line.number) for line in self.page if line.can_be_given)

    @property
    def elsewhere(self) -> int:
        """How many are chosen that do not stand on this page."""
        return len(set(self.chosen) - {line.number for line in self.page})

    @property
    def place(self) -> str:
        """The page's own query, for coming back."""
        return place_of(self.words, self.page.number, is_mine=self.is_mine)


def list_page(
    donation: Donation, terms: DonateSection, offers: list[Listed], choice: Choice, query: Any
) -> ListPage:
    """The page that a query asks for; a page that does not exist is the nearest one."""
    words = str(query.get("words", ""))[:LONGEST_FILTER].replace("\x00", "")
    listed = [line for line in offers if not line.is_too_old]
    is_mine = query.get("mine") == "1" and bool(choice.versions)
    mine = [line for line in listed if line.number in choice.versions]
    found = [line for line in (mine if is_mine else listed) if matches(line, words)]
    return ListPage(
        donation=donation,
        terms=terms,
        page=Paginator(found, LINES_PER_PAGE).get_page(query.get("page")),
        words=words,
        chosen=choice.versions,
        too_old=len(offers) - len(listed),
        all=len(listed),
        is_mine=is_mine,
    )


def matches(line: Listed, words: str) -> bool:
    """Does every word stand in the title or in what was said first?"""
    text = f"{line.title} {line.words}".casefold()
    return all(word in text for word in words.casefold().split())


def place_of(words: str, page: Any, *, is_mine: bool = False) -> str:
    """A query that leads back to a page of the list."""
    place = {"page": page, "words": words}
    return urlencode(place | {"mine": 1} if is_mine else place)


def numbers_in(values: Iterable[str]) -> list[int]:
    """The whole numbers among posted values; nothing else is one."""
    return [int(value) for value in values if NUMBER.fullmatch(value)][:MOST_CHOSEN]
