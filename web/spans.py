"""Conversations cut into pieces, so that a page can mark what was said where."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from annotation.screens import Span
from collection.models import Turn
from web.markdown.leaves import Mark
from web.markdown.showing import shown

NEAR = 1
"""How many turns before and after evidence stay in view where there is little room."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, and the numbers of the cards that it is evidence for."""

    text: str
    cards: tuple[int, ...] = ()
    anchor: str = ""
    """The id under which the first piece of a card's evidence is found."""


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn as a page shows it."""

    number: int
    role: str
    pieces: tuple[Piece, ...]
    is_near: bool
    """Holds evidence, or stands next to a turn that does; all are near if nothing is marked."""


def cut_turns(turns: Sequence[Turn], spans: Sequence[tuple[int, Span]]) -> list[ShownTurn]:
    """The turns in order; `spans` are (number of a card, where in the conversation)."""
    marked = {span.position for _card, span in spans}
    anchored: set[int] = set()
    return [
        ShownTurn(
            number=turn.position + 1,
            role=turn.role,
            pieces=tuple(_pieces(turn, spans, anchored)),
            is_near=_is_near(turn, marked),
        )
        for turn in turns
    ]


@dataclass(frozen=True, slots=True)
class FormattedTurn:
    """A turn with its evidence, its Markdown shown."""

    number: int
    role: str
    html: SafeString
    is_near: bool
    """As of a `ShownTurn`."""


def formatted_turns(
    turns: Sequence[Turn], spans: Sequence[tuple[int, Span]]
) -> list[FormattedTurn]:
    """The same turns as a rater sees them: every piece of evidence stands out to the letter."""
    marked = {span.position for _card, span in spans}
    anchored: set[int] = set()
    return [
        FormattedTurn(
            number=turn.position + 1,
            role=turn.role,
            html=shown(turn.content, marks=_marks(turn, spans), anchored=anchored),
            is_near=_is_near(turn, marked),
        )
        for turn in turns
    ]


def _marks(turn: Turn, spans: Sequence[tuple[int, Span]]) -> list[Mark]:
    length = len(turn.content)
    return [
        Mark(card, span.start, min(span.end, length))
        for card, span in spans
        if span.position == turn.position
    ]


def _is_near(turn: Turn, marked: set[int]) -> bool:
    return not marked or any(abs(turn.position - at) <= NEAR for at in marked)


def _pieces(turn: Turn, spans: Sequence[tuple[int, Span]], anchored: set[int]) -> list[Piece]:
    here = [(card, span) for card, span in spans if span.position == turn.position]
    length = len(turn.content)
    edges = {0, length}
    edges |= {min(edge, length) for _card, span in here for edge in (span.start, span.end)}
    cuts = sorted(edges)
    return [
        _piece(turn.content[start:end], _cards_at(here, start), anchored)
        for start, end in pairwise(cuts)
    ]


def _cards_at(here: Sequence[tuple[int, Span]], start: int) -> tuple[int, ...]:
    return tuple(sorted({card for card, span in here if span.start <= start < span.end}))


def _piece(text: str, cards: tuple[int, ...], anchored: set[int]) -> Piece:
    fresh = [card for card in cards if card not in anchored]
    if not fresh:
        return Piece(text, cards)
    anchored.add(fresh[0])
    return Piece(text, cards, anchor=f"said-{fresh[0]}")
