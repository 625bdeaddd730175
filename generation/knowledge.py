"""What is known of the people of a study, read when it is asked for and kept while planning."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import F, Q

from collection.models import Conversation, Turn, latest_turns
from generation.allowed import may_be_sent, of_the_allowed, people_allowed
from generation.models import Attribute, Selection
from llm.models import Endpoint
from studies.models import Study

PEOPLE_KEPT = 64
"""Of so many people what was read is kept in memory."""
SPOKEN = (Turn.Role.USER, Turn.Role.ASSISTANT)


Decisions = dict[tuple[UUID, str], dict[UUID, bool]]
"""By prompt and source, whether each attribute was chosen."""

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What was read of the people last looked at."""

    def __init__(self) -> None:
        self._held: OrderedDict[UUID, Value] = OrderedDict()

    def get(self, person: UUID, read: Callable[[], Value]) -> Value:
        """What is held of the person, read if nothing is."""
        if person not in self._held:
            self._held[person] = read()
            if len(self._held) > PEOPLE_KEPT:
                self._held.popitem(last=False)
        return self._held[person]


class Knowledge:
    """Of those whose words may go to the endpoint.

    One query for the attributes of all; per person two for conversations, one for decisions.
    """

    def __init__(self, study: Study, endpoint: Endpoint, about: UUID | None = None) -> None:
        self.study = study
        self.endpoint = endpoint
        self.about = about
        self._attributes: dict[UUID | None, list[Attribute]] | None = None
        self._conversations: Kept[list[list[Turn]]] = Kept()
        self._decisions: Kept[Decisions] = Kept()
        self._people: list[UUID] | None = None
        self._may: dict[tuple[UUID, bool], bool] = {}

    def people(self) -> list[UUID]:
        """Those who may be answered for, in the order of their refs."""
        if self._people is None:
            allowed = people_allowed(self.study, self.endpoint)
            rows = allowed.filter(pk=self.about) if self.about else allowed
            self._people = list(rows.values_list("pk", flat=True))
        return self._people

    def attributes(self, person: UUID | None) -> list[Attribute]:
        """Statements that stand and may be remembered, in the order of their refs."""
        if self._attributes is None:
            self._attributes = attributes_by_person(self.study, self.endpoint, self.about)
        return self._attributes.get(person, [])

    def conversations(self, person: UUID | None) -> list[list[Turn]]:
        """What the person and a model said to each other, the newest conversation first.

        The order is that in which they were shared, and of their refs where that is not known.
        """
        if person is None:
            return []
        return self._conversations.get(
            person, lambda: _conversations(self.study, self.endpoint, person)
        )

    def decisions(self, person: UUID | None, prompt: UUID, source: str) -> dict[UUID, bool]:
        """What a source decided for a prompt, by attribute; empty if it decided nothing."""
        if person is None:
            return {}
        found = self._decisions.get(person, lambda: _decisions(self.study, person))
        return found.get((prompt, source), {})

    def may_go_to(self, person: UUID | None, endpoints: Sequence[Endpoint]) -> bool:
        """May the person's words also go there?"""
        if person is None:
            return True
        return all(self._may_go(person, endpoint) for endpoint in endpoints)

    def _may_go(self, person: UUID, endpoint: Endpoint) -> bool:
        key = (person, endpoint.is_baseline)  # all that it depends on
        if key not in self._may:
            self._may[key] = may_be_sent(person, endpoint)
        return self._may[key]


def attributes_by_person(
    study: Study, endpoint: Endpoint, about: UUID | None
) -> dict[UUID | None, list[Attribute]]:
    """What may be told of each person, or of one, in the order of refs."""
    person = Q(participant=about) if about else Q(participant__isnull=False)
    rows = study.attributes.remembered().current().filter(person, of_the_allowed(endpoint))
    known: dict[UUID | None, list[Attribute]] = defaultdict(list)
    for attribute in rows.order_by("ref"):
        known[attribute.participant_id].append(attribute)
    return known


def _conversations(study: Study, endpoint: Endpoint, person: UUID) -> list[list[Turn]]:
    rows = Conversation.objects.filter(of_the_allowed(endpoint), study=study, participant=person)
    newest = rows.order_by(F("shared_at").desc(nulls_last=True), "-ref")
    said: dict[UUID, list[Turn]] = {pk: [] for pk in newest.values_list("pk", flat=True)}
    turns = Turn.objects.filter(conversation__in=list(said)).order_by("position", "edition")
    for turn in turns:
        said[turn.conversation_id].append(turn)
    return [spoken(latest_turns(one)) for one in said.values()]


def spoken(turns: Iterable[Turn]) -> list[Turn]:
    """What person and model said; no instructions, no tools, nothing empty."""
    return [turn for turn in turns if turn.role in SPOKEN and turn.content.strip()]


def _decisions(study: Study, person: UUID) -> Decisions:
    found: Decisions = defaultdict(dict)
    rows = Selection.objects.filter(
        study=study, attribute__participant=person, attribute__forgotten_at__isnull=True
    )
    for prompt, source, attribute, value in rows.values_list(
        "prompt_id", "source", "attribute_id", "value"
    ):
        found[prompt, source][attribute] = value
    return found
