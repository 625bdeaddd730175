"""A conversation in the words of its page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collection.converse.document import ConverseSection, Topic
from collection.converse.talk import Exchange, Reply, Talk
from studies.care import is_marked, warning_of
from studies.models import Participant
from web.participants import language_for
from web.sse import Place

RATINGS = range(1, 6)
BUSY = _("The model is busy at the moment.")
SILENT = _("The model did not answer in time.")
UNREACHABLE = _("The model could not be reached.")
BROKEN_OFF = _("The reply broke off.")

REASONS: Mapping[str, Promise] = {
    "rate_limited": BUSY,
    "paced": BUSY,
    "repeats": BUSY,
    "full": BUSY,
    "server": UNREACHABLE,
    "timeout": SILENT,
    "net_connect": UNREACHABLE,
    "auth": UNREACHABLE,
    "quota": UNREACHABLE,
    "budget": UNREACHABLE,
    "circuit_open": UNREACHABLE,
    "address_refused": UNREACHABLE,
    "no_baseline": UNREACHABLE,
    "bad_request": UNREACHABLE,
    "redirect_refused": UNREACHABLE,
    "refused": _("The model declined to go on."),
    "truncated": _("The reply became too long and was not completed."),
    "too_large": _("The reply became too long and was not completed."),
    "empty": _("The model answered nothing."),
}
"""By outcome; none of them tells which model it is."""


@dataclass(frozen=True)
class TopicLine:
    """A topic in the reader's language."""

    key: str
    label: str
    hint: str
    warning: str
    """The study's sentence, where the topic may distress somebody."""


def topics_of(section: ConverseSection, participant: Participant) -> list[TopicLine]:
    """The study's topics in its order."""
    return [
        TopicLine(
            topic.key,
            _in_words(topic.label, participant),
            _in_words(topic.hint, participant),
            _warning_of(topic, participant),
        )
        for topic in section.topics
    ]


def _warning_of(topic: Topic, participant: Participant) -> str:
    if not is_marked(participant.study, stage="", topic=topic.key):
        return ""
    return warning_of(participant.study, language_for(participant, ""))


def _in_words(texts: Mapping[str, str], participant: Participant) -> str:
    wanted = [language_for(participant, ""), *participant.study.languages]
    found = next((texts[language] for language in wanted if language in texts), None)
    return found if found is not None else next(iter(texts.values()), "")


@dataclass(frozen=True)
class ReplyLine:
    """A reply with what is said about it."""

    reply: Reply
    number: int

    @property
    def problem(self) -> Promise | str:
        """Why it is not whole; empty where it is, or is still coming."""
        if self.reply.is_cut:
            return REASONS.get(self.reply.outcome, BROKEN_OFF)
        return ""


def lines_of(exchange: Exchange) -> list[ReplyLine]:
    """Its replies, numbered from 1; of those that failed alike and say nothing, only one."""
    lines = [ReplyLine(reply, number) for number, reply in enumerate(exchange.replies, 1)]
    said: set[str] = set()
    shown = []
    for line in lines:
        problem = "" if line.reply.text else str(line.problem)
        if not problem or problem not in said:
            shown.append(line)
        said.add(problem)
    return shown


class TalkPage:
    """What the template asks for."""

    ratings = RATINGS

    def __init__(self, talk: Talk, participant: Participant) -> None:
        self.talk = talk
        self.conversation = talk.conversation
        self.topic = _in_words(talk.topic.label, participant) if talk.topic else ""
        self.hint = _in_words(talk.topic.hint, participant) if talk.topic else ""
        self.draft = f"{talk.conversation.pk}:{len(talk.exchanges)}"

    @property
    def place(self) -> str:
        """How much of the coming replies the page shows."""
        if self.talk.last is None:
            return ""
        shown = tuple(len(reply.text) for reply in self.talk.last.replies)
        return str(Place(self.talk.last.marker, shown))

    @property
    def exchanges(self) -> list[tuple[Exchange, list[ReplyLine]]]:
        """Each with its replies."""
        return [(exchange, lines_of(exchange)) for exchange in self.talk.exchanges]
