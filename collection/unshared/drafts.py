"""An unshared conversation as it would be shared: what is hidden, by what, and its digest.

The page that its owner reads and the action that shares both look through this, so that what was
read is what is shared.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from collection.models import Turn
from collection.redaction.detection import detect, regions_of
from collection.redaction.kinds import Kind
from collection.redaction.names import stands_alone
from collection.redaction.placeholders import Placeholders
from collection.unshared.models import Redaction, UnsharedConversation, UnsharedTurn
from studies.models import Consent, Participant, User
from work.keys import digest_of

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Hidden:
    """A stretch of a turn that will be replaced; redactions that overlap are one."""

    start: int
    end: int
    kind: str
    words: str
    own_words: str
    """What the owner wants to stand there instead of a placeholder."""
    replacement: str = ""
    is_own: bool = False
    """Did nobody but its owner mark it?"""


@dataclass(slots=True)
class DraftTurn:
    """A turn with everything in it that is hidden."""

    turn: UnsharedTurn
    hidden: list[Hidden]
    lifted: list[Redaction]
    """Proposals that the owner does not want."""
    alternatives: list["DraftTurn"] = field(default_factory=list)
    """Replies that were offered beside it and not chosen."""

    @property
    def is_removed(self) -> bool:
        """Did its owner take it out?"""
        return self.turn.is_removed

    @property
    def content(self) -> str:
        """The text as it would be shared."""
        pieces, at = [], 0
        for hidden in self.hidden:
            pieces += [self.turn.content[at : hidden.start], hidden.replacement]
            at = hidden.end
        return "".join([*pieces, self.turn.content[at:]])

    @property
    def redactions(self) -> list[dict[str, int | str]]:
        """Where something was replaced, in the new text."""
        found: list[dict[str, int | str]] = []
        shift = 0
        for hidden in self.hidden:
            start = hidden.start + shift
            end = start + len(hidden.replacement)
            found.append({"start": start, "end": end, "kind": hidden.kind})
            shift += len(hidden.replacement) - (hidden.end - hidden.start)
        return found

    def kept_alternatives(self) -> list["DraftTurn"]:
        """Those with words in them that were not taken out."""
        return [row for row in self.alternatives if row.turn.content and not row.is_removed]


@dataclass(slots=True)
class Draft:
    """A conversation as it would be shared now."""

    conversation: UnsharedConversation
    turns: list[DraftTurn]
    title: str
    scopes: list[str]
    """What its owner allows at the moment."""

    def shared_turns(self) -> list[DraftTurn]:
        """Those that would be shared."""
        return [row for row in self.turns if not row.is_removed]

    def proposed(self) -> int:
        """How many stretches are hidden."""
        return sum(len(row.hidden) for row in _with_alternatives(self.shared_turns()))

    def digest(self) -> str:
        """Of all that would be shared, and of what is allowed: to notice a change since."""
        shown = [
            [row.turn.position, row.turn.role, row.content, _texts(row.kept_alternatives())]
            for row in self.shared_turns()
        ]
        return digest_of([self.title, shown, self.scopes])


def _texts(rows: Sequence[DraftTurn]) -> list[str]:
    return [row.content for row in rows]


def _with_alternatives(rows: Sequence[DraftTurn]) -> Iterator[DraftTurn]:
    """In the order of reading."""
    for row in rows:
        yield row
        yield from row.kept_alternatives()


def draft_of(conversation: UnsharedConversation) -> Draft:
    """The conversation as it stands. Four queries, whatever its length."""
    turns = list(conversation.turns.select_related("endpoint").order_by("position", "place"))
    rows = _draft_turns(turns, conversation)
    placeholders = Placeholders()
    shared = [row for row in rows if not row.is_removed]
    for row in _with_alternatives(shared):
        row.hidden = [_replaced(hidden, placeholders) for hidden in row.hidden]
    for row in _rest(rows):
        row.hidden = [_replaced(hidden, placeholders) for hidden in row.hidden]
    return Draft(
        conversation=conversation,
        turns=rows,
        title=_title(conversation, rows, placeholders),
        scopes=_scopes(conversation.participant),
    )


def _draft_turns(
    turns: Sequence[UnsharedTurn], conversation: UnsharedConversation
) -> list[DraftTurn]:
    redactions: dict[object, list[Redaction]] = defaultdict(list)
    for redaction in Redaction.objects.filter(turn__conversation=conversation).order_by("start"):
        redactions[redaction.turn_id].append(redaction)
    beside: dict[int, list[DraftTurn]] = defaultdict(list)
    chosen = []
    for turn in turns:
        row = _draft_turn(turn, redactions[turn.pk])
        if turn.is_chosen:
            chosen.append(row)
        elif turn.content:
            beside[turn.position].append(row)
    for row in chosen:
        row.alternatives = beside[row.turn.position]
    return [row for row in chosen if row.turn.content or row.alternatives]


def _draft_turn(turn: UnsharedTurn, redactions: Sequence[Redaction]) -> DraftTurn:
    active = [row for row in redactions if not row.is_lifted]
    hidden = list(_merged(turn.content, active))
    ends = [one.end for one in hidden]
    lifted = [row for row in redactions if row.is_lifted and not _is_covered(row, hidden, ends)]
    return DraftTurn(turn, hidden, lifted)


def _is_covered(row: Redaction, hidden: Sequence[Hidden], ends: Sequence[int]) -> bool:
    """Does something hidden overlap it? They stand in order, so the first that ends later tells."""
    at = bisect_right(ends, row.start)
    return at < len(hidden) and hidden[at].start < row.end


def _merged(content: str, redactions: Sequence[Redaction]) -> Iterator[Hidden]:
    """Redactions that overlap hide all of what they cover; the owner's word decides."""
    group: list[Redaction] = []
    reach = 0
    for redaction in redactions:
        if group and redaction.start >= reach:
            yield _hidden(content, group)
            group = []
        group.append(redaction)
        reach = max(reach, redaction.end)
    if group:
        yield _hidden(content, group)


def _hidden(content: str, group: Sequence[Redaction]) -> Hidden:
    start, end = group[0].start, max(row.end for row in group)
    first = max(group, key=lambda row: (row.origin == Redaction.Origin.OWNER, row.end - row.start))
    own_words = next((row.replacement for row in group if row.replacement), "")
    is_own = all(row.origin == Redaction.Origin.OWNER for row in group)
    return Hidden(start, end, first.kind, content[start:end], own_words, is_own=is_own)


def _replaced(hidden: Hidden, placeholders: Placeholders) -> Hidden:
    stand_in = hidden.replacement or hidden.own_words
    return Hidden(
        start=hidden.start,
        end=hidden.end,
        kind=hidden.kind,
        words=hidden.words,
        own_words=hidden.own_words,
        replacement=stand_in or placeholders.placeholder(hidden.kind, hidden.words),
        is_own=hidden.is_own,
    )


def _rest(rows: Sequence[DraftTurn]) -> Iterator[DraftTurn]:
    """What would not be shared is numbered last, so that it changes no other number."""
    for row in rows:
        if row.is_removed:
            yield row
        yield from (beside for beside in row.alternatives if row.is_removed or beside.is_removed)


def _title(
    conversation: UnsharedConversation, rows: Sequence[DraftTurn], placeholders: Placeholders
) -> str:
    """The title without what is hidden in the turns, and without what is found in itself."""
    title = conversation.title
    hidden = [one for row in _everything(rows) for one in row.hidden]
    for one in sorted(hidden, key=lambda one: -len(one.words)):
        title = _without(title, one.words, one.replacement)
    people = names_of(conversation.participant.user)
    found = detect(title, names=people, regions=regions_for(conversation))
    for span in reversed(found):
        stand_in = placeholders.placeholder(span.kind, title[span.start : span.end])
        title = title[: span.start] + stand_in + title[span.end :]
    return title[:LONGEST_TITLE]


def _everything(rows: Sequence[DraftTurn]) -> Iterator[DraftTurn]:
    for row in rows:
        yield row
        yield from row.alternatives


def _without(title: str, words: str, replacement: str) -> str:
    """The title with the words replaced where they stand by themselves, in any case of letters."""
    at = title.casefold().find(words.casefold())
    while words.strip() and at >= 0:
        end = at + len(words)
        if stands_alone(title, at, end):
            title = title[:at] + replacement + title[end:]
            end = at + len(replacement)
        at = title.casefold().find(words.casefold(), end)
    return title


def _scopes(participant: Participant) -> list[str]:
    given = Consent.objects.filter(participant=participant, withdrawn_at__isnull=True)
    return sorted(set(given.values_list("scope", flat=True)))


def names_of(user: User | None) -> list[str]:
    """How somebody's account calls them."""
    if user is None:
        return []
    names = [user.get_full_name(), user.first_name, user.last_name, user.username]
    return [name for name in names if name.strip()]


def regions_for(conversation: UnsharedConversation) -> tuple[str, ...]:
    """Where its owner may live, by the languages that are known of them and of the study."""
    person = conversation.participant
    spoken = [conversation.language, person.language, *conversation.study.languages]
    return regions_of(language for language in spoken if language)


def kind_of(words: str, regions: Sequence[str]) -> str:
    """What words that somebody marked are, if a detector can tell."""
    for span in detect(words, regions=regions):
        if (span.start, span.end) == (0, len(words)):
            return span.kind
    return Kind.OTHER


def may_be_shared(turn: UnsharedTurn) -> bool:
    """Is the turn final?"""
    return turn.role != Turn.Role.ASSISTANT or turn.state not in (
        UnsharedTurn.State.WAITING,
        UnsharedTurn.State.STREAMING,
    )
