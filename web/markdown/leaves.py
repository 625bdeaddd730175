"""Runs of words on a page, cut where marks begin and end, each knowing where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a text that stands out: evidence for the card of this number."""

    number: int
    start: int
    end: int


@dataclass
class Leaves:
    """Turns words into HTML; with `has_places` a script can tell which characters were chosen."""

    text: str
    marks: Sequence[Mark] = ()
    has_places: bool = False
    anchored: set[int] = field(default_factory=set)
    """Numbers of cards whose first piece has its anchor already."""
    _shown: list[tuple[int, int]] = field(default_factory=list)

    def words(self, words: str, offset: int | None) -> str:
        """Escaped words, marked where marks cover them; unknown words have no offset."""
        if offset is None or not words:
            return escape(words)
        end = offset + len(words)
        self._shown.append((offset, end))
        return "".join(
            self._piece(start, stop) for start, stop in pairwise(self._cuts(offset, end))
        )

    def miss_marked(self) -> bool:
        """Whether letters of a mark were shown without their place, such as those of a formula."""
        return any(self._misses(mark) for mark in self.marks)

    def _cuts(self, start: int, end: int) -> list[int]:
        edges = {edge for mark in self.marks for edge in (mark.start, mark.end)}
        return [start, *sorted(edge for edge in edges if start < edge < end), end]

    def _piece(self, start: int, end: int) -> str:
        html = escape(self.text[start:end])
        if self.has_places:
            html = f'<span data-at="{start}">{html}</span>'
        over = {mark.number for mark in self.marks if mark.start <= start < mark.end}
        return self._marked(html, sorted(over)) if over else html

    def _marked(self, html: str, numbers: list[int]) -> str:
        fresh = [number for number in numbers if number not in self.anchored][:1]
        self.anchored.update(fresh)
        anchor = f' id="said-{fresh[0]}"' if fresh else ""
        listed = " ".join(str(number) for number in numbers)
        return f'<mark{anchor} data-evidence="{listed}">{html}</mark>'

    def _misses(self, mark: Mark) -> bool:
        at = mark.start
        for start, end in sorted(self._shown):
            if end > at and start < mark.end:
                if _has_letters(self.text[at:start]):
                    return True
                at = end
        return _has_letters(self.text[at : mark.end])


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)
