"""Extractors against what people said about themselves."""

import pytest

from collection.models import Conversation
from generation.actions.attributes import add_attribute
from generation.evaluation import Scores, extraction_authors, extraction_scores, matches
from tests.samples import make_attribute, make_conversation


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
def test_extraction_authors_are_the_machines(conversation: Conversation) -> None:
    assert conversation.participant
    add_attribute(participant=conversation.participant, text="vegan")
    make_attribute(conversation, "Is vegan", "I am vegan")

    assert extraction_authors(conversation.study) == ["llm:m"]
