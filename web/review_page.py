"""A conversation as its owner reads it before sharing: cut into pieces, page by page."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collection.redaction.kinds import Kind
from collection.unshared.drafts import Draft, DraftTurn, Hidden
from studies.models import ConsentScope
from web.consent import SCOPES

MANY_TURNS = 80
TURNS_PER_PAGE = 50

NOT_ALLOWED: dict[str, Promise] = {
    ConsentScope.PEERS: _("Other participants will not see it."),
    ConsentScope.MODELS: _("It will not be sent to language models of third parties."),
    ConsentScope.PUBLISH_WORDS: _("Its words will not be published."),
    ConsentScope.PUBLISH_RATINGS: _("Your answers will not be published."),
}
ALLOWED = (
    ConsentScope.PEERS,
    ConsentScope.MODELS,
    ConsentScope.PUBLISH_WORDS,
    ConsentScope.PUBLISH_RATINGS,
)
"""What sharing is about; the other scopes say nothing about shared conversations."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a turn's text as it will read."""

    text: str
    start: int
    end: int
    """In code points of what was said."""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is hidden, or was and is not any more."""

    start: int
    end: int
    kind: str
    words: str
    replacement: str
    own_words: str
    is_hidden: bool
    is_repeated: bool = False
    """Do the same words stand hidden elsewhere too?"""


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn, what is hidden in it, and the replies that stood beside it."""

    id: str
    number: int
    role: str
    is_removed: bool
    pieces: tuple[Piece, ...]
    chips: tuple[Chip, ...]
    beside: tuple["ShownTurn", ...]
    is_cut: bool

    @property
    def hidden(self) -> int:
        """How many stretches of it and of the replies beside it are hidden."""
        return sum(chip.is_hidden for chip in self.chips) + sum(row.hidden for row in self.beside)


class ReviewPage:
    """The part of a conversation that one page shows; short ones are one page."""

    def __init__(self, draft: Draft, asked: str) -> None:
        self.draft = draft
        self.conversation = draft.conversation
        size = TURNS_PER_PAGE if len(draft.turns) > MANY_TURNS else max(len(draft.turns), 1)
        self.last = max(1, -(-len(draft.turns) // size))
        self.number = min(max(int(asked), 1), self.last) if asked.isdecimal() else 1
        self._rows = draft.turns[(self.number - 1) * size : self.number * size]
        self._first = (self.number - 1) * size + 1
        self._counts = Counter(
            hidden.words
            for row in draft.turns
            for one in (row, *row.alternatives)
            for hidden in one.hidden
        )

    @property
    def turns(self) -> list[ShownTurn]:
        """Those of this page."""
        return [
            shown_turn(row, number, self._counts)
            for number, row in enumerate(self._rows, self._first)
        ]

    @property
    def is_last(self) -> bool:
        """Is this where one can share?"""
        return self.number == self.last

    @property
    def count(self) -> int:
        """How many turns will be shared."""
        return len(self.draft.shared_turns())

    @property
    def removed(self) -> int:
        """How many will not."""
        return len(self.draft.turns) - self.count

    @property
    def hidden(self) -> int:
        """How many stretches are hidden."""
        return self.draft.proposed()

    @property
    def digest(self) -> str:
        """Of what is shown, on this page and the others."""
        return self.draft.digest()

    @property
    def allowed(self) -> list[Promise]:
        """What may be done with it, in the words of the consent."""
        return [SCOPES[scope] for scope in ALLOWED if scope in self.draft.scopes]

    @property
    def refused(self) -> list[Promise]:
        """What may not."""
        return [NOT_ALLOWED[scope] for scope in ALLOWED if scope not in self.draft.scopes]


def shown_turn(row: DraftTurn, number: int, counts: Mapping[str, int]) -> ShownTurn:
    """A turn cut at what is hidden; `counts` says how often the same words are."""
    return ShownTurn(
        id=str(row.turn.pk),
        number=number,
        role=row.turn.role,
        is_removed=row.is_removed,
        pieces=tuple(_pieces(row)),
        chips=tuple(sorted(_chips(row, counts), key=lambda chip: chip.start)),
        beside=tuple(shown_turn(other, number, counts) for other in row.alternatives),
        is_cut=row.turn.state == row.turn.State.CUT,
    )


def _pieces(row: DraftTurn) -> Iterator[Piece]:
    content, at = row.turn.content, 0
    for hidden in row.hidden:
        yield from _plain(content, at, hidden.start)
        yield Piece(hidden.replacement, hidden.start, hidden.end, is_hidden=True)
        at = hidden.end
    yield from _plain(content, at, len(content))


def _plain(content: str, start: int, end: int) -> Iterator[Piece]:
    """Browsers drop a carriage return, so it stands between pieces and moves no offset."""
    for line in content[start:end].split("\r"):
        if line:
            yield Piece(line, start, start + len(line))
        start += len(line) + 1


def _chips(row: DraftTurn, counts: Mapping[str, int]) -> Iterator[Chip]:
    for hidden in row.hidden:
        yield _chip(hidden, is_repeated=counts[hidden.words] > 1)
    for lifted in row.lifted:
        words = row.turn.content[lifted.start : lifted.end]
        yield Chip(lifted.start, lifted.end, _kind(lifted.kind), words, "", "", is_hidden=False)


def _chip(hidden: Hidden, *, is_repeated: bool) -> Chip:
    return Chip(
        start=hidden.start,
        end=hidden.end,
        kind=_kind(hidden.kind),
        words=hidden.words,
        replacement=hidden.replacement,
        own_words=hidden.own_words,
        is_hidden=True,
        is_repeated=is_repeated,
    )


def _kind(kind: str) -> Any:
    """In words."""
    return Kind(kind).label
