"""Extractors against what people said about themselves."""

import pytest
from django.db.models.functions import Now

from collection.models import Conversation
from generation.actions.attributes import add_attribute
from generation.evaluation import Scores, extraction_authors, extraction_scores, matches
from generation.models import Attribute, AttributeLink, Verification
from tests.samples import make_attribute, make_conversation

LEVELS = ("conversation", "person")


@pytest.mark.parametrize(
    ("proposed", "reference", "size"),
    [
        (["I am vegan"], ["diet requirements: vegan"], 1),
        (["I am vegan", "Vegan since 2010"], ["vegan"], 1),
        (["vegan cook", "vegan"], ["vegan", "cook"], 2),
        (["I love soup"], ["vegan"], 0),
        ([], ["vegan"], 0),
        (["vegan"], [], 0),
        (["the"], ["the"], 0),
    ],
)
def test_matches_are_one_to_one(proposed: list[str], reference: list[str], size: int) -> None:
    assert matches(proposed, reference) == size


def test_scores_of_nothing_are_undefined() -> None:
    scores = Scores(units=0, proposed=0, reference=0, matched=0)

    assert (scores.precision, scores.recall, scores.f1) == (None, None, None)


@pytest.mark.django_db
def test_extraction_scores_per_conversation_and_person(conversation: Conversation) -> None:
    person = conversation.participant
    assert person is not None
    add_attribute(participant=person, text="vegan", conversation=conversation)
    add_attribute(participant=person, text="tea drinker", conversation=conversation)
    make_attribute(conversation, "Is vegan", "I am vegan", ref="a1")
    make_attribute(conversation, "Says hello", "Hello", ref="a2")
    later = make_conversation(person, "I drink tea", ref="c2")
    make_attribute(later, "Drinks tea", "I drink tea", ref="a3")

    scores = extraction_scores(conversation.study, "llm:m")

    assert scores["conversation"] == {
        "units": 1, "proposed": 2, "reference": 2, "matched": 1,
        "precision": 0.5, "recall": 0.5, "f1": 0.5,
    }  # fmt: skip
    assert (scores["person"]["matched"], scores["person"]["proposed"]) == (2, 3)


@pytest.mark.django_db
def test_extraction_scores_what_was_refined_and_merged(conversation: Conversation) -> None:
    person = conversation.participant
    assert person is not None
    add_attribute(participant=person, text="vegan", conversation=conversation)
    later = make_conversation(person, "I am vegan", "Ok.", ref="c2")
    add_attribute(participant=person, text="vegan", conversation=later)
    rows = [
        make_attribute(conversation, "Is vegan", "I am vegan", ref="a1"),
        make_attribute(later, "Vegan", "I am vegan", ref="a2"),
        make_attribute(conversation, "Says hello", "Hello", ref="a3"),
        make_attribute(conversation, "Lives", "I live", ref="a4"),
        make_attribute(conversation, "Lives in Berlin", "I live in Berlin", ref="a5"),
    ]
    link(rows[1], rows[0], "duplicate")
    link(rows[3], rows[4], "refined")
    Verification.objects.create(
        attribute=rows[2], author="llm:v", is_supported=False, fault="other", dropped_at=Now()
    )

    scores = extraction_scores(conversation.study, "llm:m")

    arms = [scores, scores["refined"], scores["current"]]
    counted = [
        [(one[level]["matched"], one[level]["proposed"]) for level in LEVELS] for one in arms
    ]
    assert counted == [[(2, 4), (2, 4)], [(2, 3), (2, 3)], [(2, 3), (1, 2)]]


@pytest.mark.django_db
def test_extraction_scores_have_no_arm_where_nothing_was_done(conversation: Conversation) -> None:
    make_attribute(conversation, "Is vegan", "I am vegan")

    scores = extraction_scores(conversation.study, "llm:m")

    assert (scores["refined"], scores["current"]) == (None, None)


def link(attribute: Attribute, other: Attribute, kind: str) -> None:
    AttributeLink.objects.create(
        study=attribute.study,
        attribute=attribute,
        other=other,
        kind=kind,
        replaces=True,
        author="x",
    )


@pytest.mark.django_db
def test_extraction_authors_are_the_machines(conversation: Conversation) -> None:
    assert conversation.participant
    add_attribute(participant=conversation.participant, text="vegan")
    make_attribute(conversation, "Is vegan", "I am vegan")

    assert extraction_authors(conversation.study) == ["llm:m"]
