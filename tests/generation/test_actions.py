"""What changes attributes, prompts, responses and selections."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from collection.models import Conversation
from generation.actions.attributes import Quoted, add_attribute
from generation.actions.prompts import add_prompt
from generation.actions.responses import record_response
from generation.actions.selections import Choice, record_selections
from generation.models import Attribute, Selection
from studies.models import Participant, Study
from tests.samples import make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(conversation: Conversation) -> Participant:
    assert conversation.participant is not None
    return conversation.participant


def quoted(conversation: Conversation, start: int, end: int) -> Quoted:
    return Quoted(conversation.turns_at()[0], start, end)


def test_add_attribute_keeps_the_owners_words(
    person: Participant, conversation: Conversation
) -> None:
    attribute = add_attribute(
        participant=person, text=" I am vegan ", quoted=quoted(conversation, 7, 17)
    )

    evidence = attribute.evidence.get()
    assert (attribute.text, attribute.author) == ("I am vegan", "owner")
    assert evidence.turn
    assert evidence.turn.content[evidence.start : evidence.end] == "I am vegan"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": " "}, "Please write"),
        ({"text": "x" * 501}, "at most 500"),
        ({"text": "x", "type": "mood"}, "not a valid choice"),
    ],
)
def test_add_attribute_refuses(person: Participant, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        add_attribute(participant=person, **fields)

    assert not Attribute.objects.exists()


@pytest.mark.parametrize("span", [(0, 0), (5, 3), (-1, 3), (0, 10_000)])
def test_add_attribute_refuses_a_span_outside(
    person: Participant, conversation: Conversation, span: tuple[int, int]
) -> None:
    with pytest.raises(ValidationError, match="within the turn"):
        add_attribute(participant=person, text="x", quoted=quoted(conversation, *span))

    assert not Attribute.objects.exists()


def test_add_attribute_refuses_anothers_conversation(
    study: Study, conversation: Conversation
) -> None:
    other = make_participant(study, "p2")

    with pytest.raises(ValidationError, match="not yours"):
        add_attribute(participant=other, text="x", conversation=conversation)


def test_add_prompt_keeps_the_turns_before(study: Study) -> None:
    before = [{"role": "user", "content": "Hi", "extra": "dropped"}]

    prompt = add_prompt(study=study, text="What now?", before=before, type="recall")

    assert (prompt.before, prompt.type) == ([{"role": "user", "content": "Hi"}], "recall")


def test_add_prompt_refuses_an_empty_one(study: Study) -> None:
    with pytest.raises(ValidationError, match="needs a text"):
        add_prompt(study=study, text=" \n")


def test_record_selections_replaces_a_sources_own_decision(
    study: Study, person: Participant
) -> None:
    attribute = add_attribute(participant=person, text="I am vegan")
    prompt = add_prompt(study=study, text="What now?", participant=person)
    for source, value in [("owner", True), ("peers", True), ("owner", False)]:
        choices = [Choice(prompt.pk, attribute.pk, value)]
        record_selections(study=study, source=source, choices=choices)

    rows = Selection.objects.order_by("source").values_list("source", "value")
    assert list(rows) == [("owner", False), ("peers", True)]


def test_record_response_notes_what_is_mentioned(study: Study, person: Participant) -> None:
    given = [add_attribute(participant=person, text=text) for text in ("Vegan", "Has a cat")]

    response = record_response(
        prompt=add_prompt(study=study, text="Dinner?", participant=person),
        participant_id=person.pk, strategy="generic", model="m", text="A vegan soup",
        given=given, provenance={}, call_id=None,
    )  # fmt: skip

    rows = response.given.values_list("attribute__text", "position", "is_mentioned")
    assert list(rows) == [("Vegan", 0, True), ("Has a cat", 1, False)]
