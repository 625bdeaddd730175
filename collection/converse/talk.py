"""A conversation as its owner sees it: what was said, what is coming, and what may be done now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from collection.converse.document import ConverseSection, Topic, section_of
from collection.converse.lanes import (
    failed_often,
    is_under_way,
    is_usable,
    lanes_of,
    latest_replies,
)
from collection.converse.rules import TAKEN_BACK
from collection.models import Turn
from collection.unshared.models import ReplyEvent, UnsharedConversation, UnsharedTurn
from work.models import JobResult


@dataclass(frozen=True)
class Reply:
    """One reply as it is shown."""

    turn: UnsharedTurn
    text: str
    """Its content, or what is stored of it so far."""
    outcome: str
    """Why it broke off; empty where it did not."""

    @property
    def is_coming(self) -> bool:
        """Is more of it to come?"""
        return is_under_way(self.turn)

    @property
    def is_cut(self) -> bool:
        """Did it break off?"""
        return self.turn.state == UnsharedTurn.State.CUT

    @property
    def is_stopped(self) -> bool:
        """Did its reader stop it?"""
        return self.turn.state == UnsharedTurn.State.STOPPED


@dataclass(frozen=True)
class Exchange:
    """What the person said, and the replies to it that are shown."""

    said: UnsharedTurn
    replies: list[Reply]
    is_last: bool
    failed_often: bool = False
    """May its sender give up on the reply?"""

    @property
    def is_coming(self) -> bool:
        """Is a reply to come?"""
        return any(reply.is_coming for reply in self.replies)

    @property
    def marker(self) -> str:
        """Names the replies that are shown; asking again gives it another name."""
        return f"{self.said.position}.{max((r.turn.place for r in self.replies), default=0)}"

    @property
    def wants_choice(self) -> bool:
        """Is it still to be said from which reply the conversation goes on?"""
        has_any = any(reply.text for reply in self.replies)
        return self.said.awaits_reply and not self.is_coming and has_any

    @property
    def can_repeat(self) -> bool:
        """May the model be asked once more?"""
        if not self.is_last or self.is_coming:
            return False
        if self.said.awaits_reply:
            return any(not is_usable(reply.turn) for reply in self.replies)
        return any(reply.is_stopped and reply.turn.is_chosen for reply in self.replies)


@dataclass(frozen=True)
class Talk:
    """The whole conversation."""

    conversation: UnsharedConversation
    section: ConverseSection
    exchanges: list[Exchange]

    @property
    def last(self) -> Exchange | None:
        """The exchange at the end."""
        return self.exchanges[-1] if self.exchanges else None

    @property
    def topic(self) -> Topic | None:
        """What it is about, if the study gives topics."""
        key = self.conversation.topic
        return next((topic for topic in self.section.topics if topic.key == key), None)

    @property
    def is_coming(self) -> bool:
        """Is a reply to come?"""
        return self.last is not None and self.last.is_coming

    @property
    def awaits(self) -> bool:
        """Does the last message still wait for a reply, or for the choice of one?"""
        return self.last is not None and self.last.said.awaits_reply

    @property
    def replied(self) -> int:
        """Turns that have the reply that the conversation went on from."""
        return sum(
            not exchange.said.awaits_reply and bool(exchange.replies) for exchange in self.exchanges
        )

    @property
    def to_go(self) -> int:
        """Turns until it may be finished."""
        return max(self.section.min_turns - self.replied, 0)

    @property
    def left(self) -> int:
        """Turns that may still be said."""
        return max(self.section.max_turns - len(self.exchanges), 0)

    @property
    def can_finish(self) -> bool:
        """May it be finished now?"""
        return not self.to_go and not self.is_coming

    @property
    def can_take_back(self) -> bool:
        """May the last message be taken back, as no reply came to it?"""
        return self.last is not None and self.last.failed_often

    @property
    def can_end(self) -> bool:
        """May it be ended before its time, as the model does not answer?"""
        was_taken_back = self.conversation.extra.get(TAKEN_BACK) == len(self.exchanges)
        return bool(self.to_go) and (self.can_take_back or was_taken_back)


def talk_of(conversation: UnsharedConversation) -> Talk:
    """The conversation as it stands; four queries, however long it is."""
    section = section_of(conversation.study)
    assert section is not None
    turns = list(conversation.turns.order_by("position", "place"))
    spoken = [turn for turn in turns if turn.role == Turn.Role.USER]
    replies = {
        said.position: _shown(conversation, turns, said, is_last=said is spoken[-1])
        for said in spoken
    }
    stored = _stored([turn.pk for shown in replies.values() for turn in shown])
    reasons = _reasons(replies.values())
    exchanges = [
        Exchange(
            said,
            [
                Reply(turn, turn.content or stored.get(turn.pk, ""), reasons.get(turn.pk, ""))
                for turn in replies[said.position]
            ],
            is_last=said is spoken[-1],
            failed_often=failed_often(conversation, said, _replies_to(said, turns)),
        )
        for said in spoken
    ]
    return Talk(conversation, section, exchanges)


def last_exchange(conversation: UnsharedConversation) -> Exchange | None:
    """Only its end, without texts: what a page that listens has to know. Two queries."""
    said = conversation.turns.filter(role=Turn.Role.USER).order_by("-position").first()
    if said is None:
        return None
    turns = list(conversation.turns.filter(position=said.position + 1))
    replies = [Reply(turn, turn.content, "") for turn in latest_replies(conversation, turns)]
    return Exchange(said, replies, is_last=True)


def replies_to_start(conversation: UnsharedConversation) -> list[UUID]:
    """Those that nobody reads yet."""
    waiting = conversation.turns.filter(state=UnsharedTurn.State.WAITING)
    return list(waiting.values_list("pk", flat=True))


def _shown(
    conversation: UnsharedConversation,
    turns: Sequence[UnsharedTurn],
    said: UnsharedTurn,
    *,
    is_last: bool,
) -> list[UnsharedTurn]:
    """Of an exchange that is over, the chosen reply; of the last one, all side by side."""
    replies = _replies_to(said, turns)
    if is_last and (said.awaits_reply or lanes_of(conversation) == 1):
        return latest_replies(conversation, replies)
    return [turn for turn in replies if turn.is_chosen]


def _replies_to(said: UnsharedTurn, turns: Sequence[UnsharedTurn]) -> list[UnsharedTurn]:
    return [turn for turn in turns if turn.position == said.position + 1]


def _stored(replies: Sequence[UUID]) -> dict[UUID, str]:
    texts: dict[UUID, str] = {}
    events = ReplyEvent.objects.filter(turn__in=replies).order_by("turn", "sequence")
    for turn, text in events.values_list("turn", "text"):
        texts[turn] = texts.get(turn, "") + text
    return texts


def _reasons(shown: Iterable[list[UnsharedTurn]]) -> dict[UUID, str]:
    cut = {
        turn.job: turn.pk
        for turns in shown
        for turn in turns
        if turn.state == UnsharedTurn.State.CUT and turn.job
    }
    if not cut:
        return {}
    results = JobResult.objects.filter(job__in=list(cut)).values_list("job", "outcome")
    return {cut[job]: outcome for job, outcome in results}
