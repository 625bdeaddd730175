"""A conversation as its owner reads it before sharing: cut into pieces, page by page."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collection.redaction.kinds import Kind
from collection.unshared.drafts import Draft, DraftTurn, Hidden
from studies.models import ConsentScope
from web.consent import SCOPES
from web.conversation_titles import title_of_conversation

TURNS_PER_PAGE = 50
CHARACTERS_PER_PAGE = 100_000
CHIPS_PER_PAGE = 200
"""What one page has at most, unless a single turn has more."""
CHIPS_PER_TURN = 100

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
    is_own: bool = False
    """Did its owner mark it, and no search?"""
    is_repeated: bool = False
    """Do the same words stand hidden elsewhere too?"""


@dataclass(frozen=True, slots=True)
class More:
    """What is hidden of a kind in a turn beyond its chips."""

    kind: str
    name: str
    """The kind in words."""
    start: int
    """From which code point on."""
    hidden: int
    lifted: int


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
    note: str = ""
    """What was just done to it."""
    more: tuple[More, ...] = ()

    @property
    def unlisted(self) -> int:
        """How many hidden places have no chip."""
        return sum(row.hidden for row in self.more)

    @property
    def hidden(self) -> int:
        """How many stretches of it and of the replies beside it are hidden."""
        listed = sum(chip.is_hidden for chip in self.chips)
        return listed + self.unlisted + sum(row.hidden for row in self.beside)


class ReviewPage:
    """The part of a conversation that one page shows; short ones are one page."""

    def __init__(self, draft: Draft, asked: str, notes: Mapping[str, str] | None = None) -> None:
        """`notes` say what was just done, by the turn's id."""
        self.draft = draft
        self.conversation = draft.conversation
        self._notes = notes or {}
        starts = list(_page_starts(draft.turns))
        self.last = len(starts)
        self.number = min(max(int(asked), 1), self.last) if asked.isdecimal() else 1
        first, *later = starts[self.number - 1 :]
        self._rows = draft.turns[first : later[0] if later else None]
        self._first = first + 1
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
            shown_turn(row, number, self._counts, self._notes)
            for number, row in enumerate(self._rows, self._first)
        ]

    @property
    def title(self) -> str:
        """As it will be called, or by its topic."""
        person = self.conversation.participant
        return title_of_conversation(self.conversation, person, self.draft.title)

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
    def different(self) -> int:
        """How many different things they are; repetitions count once."""
        shown = self.draft.shared_turns()
        rows = [one for row in shown for one in (row, *row.kept_alternatives())]
        return len({one.replacement for row in rows for one in row.hidden})

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


def _page_starts(turns: Sequence[DraftTurn]) -> Iterator[int]:
    """The index of each page's first turn."""
    yield 0
    count = characters = chips = 0
    for index, row in enumerate(turns):
        rows = (row, *row.alternatives)
        size = sum(len(one.turn.content) for one in rows)
        finds = sum(min(len(one.hidden) + len(one.lifted), CHIPS_PER_TURN) for one in rows)
        is_full = (
            count + 1 > TURNS_PER_PAGE
            or characters + size > CHARACTERS_PER_PAGE
            or chips + finds > CHIPS_PER_PAGE
        )
        if count and is_full:
            yield index
            count = characters = chips = 0
        count, characters, chips = count + 1, characters + size, chips + finds


def shown_turn(
    row: DraftTurn, number: int, counts: Mapping[str, int], notes: Mapping[str, str]
) -> ShownTurn:
    """A turn cut at what is hidden; `counts` says how often the same words are."""
    chips = sorted(_chips(row, counts), key=lambda chip: chip.start)
    return ShownTurn(
        id=str(row.turn.pk),
        number=number,
        role=row.turn.role,
        is_removed=row.is_removed,
        pieces=tuple(_pieces(row)),
        chips=tuple(chips[:CHIPS_PER_TURN]),
        beside=tuple(shown_turn(other, number, counts, notes) for other in row.alternatives),
        is_cut=row.turn.state == row.turn.State.CUT,
        note=notes.get(str(row.turn.pk), ""),
        more=tuple(_more(row, chips[CHIPS_PER_TURN:])),
    )


def _more(row: DraftTurn, chips: Sequence[Chip]) -> Iterator[More]:
    """By kind, what the list leaves out."""
    if not chips:
        return
    start = chips[0].start
    hidden = Counter(one.kind for one in row.hidden if one.start >= start)
    lifted = Counter(one.kind for one in row.lifted if one.start >= start)
    for kind in sorted({*hidden, *lifted}):
        yield More(kind, _kind(kind), start, hidden[kind], lifted[kind])


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
        is_own=hidden.is_own,
        is_repeated=is_repeated,
    )


def _kind(kind: str) -> Any:
    """In words."""
    return Kind(kind).label
