"""Trainer files: the trainer's columns and nothing else, and no preference out of a tie."""

from typing import Any

import pytest

from annotation.models import Item
from releases.tables.table import source_of
from releases.trainers.registry import TRAINERS
from releases.trainers.trainer import Example
from studies.models import Participant, Study
from tests.factories import (
    judge,
    make_attribute,
    make_item,
    make_judge,
    make_participant,
    make_prompt,
    make_rater,
    make_response,
    make_study,
    withdraw,
)

pytestmark = pytest.mark.django_db

TURN = {"role": "user", "content": "Where can I hike?"}


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def owner(study: Study) -> Participant:
    return make_participant(study, "p1")


@pytest.fixture
def pair(study: Study, owner: Participant) -> Item:
    prompt = make_prompt(study, owner)
    first = make_response(prompt, "r1", "Anywhere.")
    second = make_response(prompt, "r2", "The Gurten.")
    return make_item(study, "response", prompt=prompt, first=first, second=second)


@pytest.fixture
def relevance(study: Study, owner: Participant) -> Item:
    attribute, prompt = make_attribute(study, owner), make_prompt(study, owner)
    return make_item(study, "relevance", attribute=attribute, prompt=prompt)


def examples(study: Study, trainer: str) -> list[Example]:
    return list(TRAINERS[trainer].examples(source_of(study)))


def answer_as_peers(item: Item, question: str, *values: str) -> None:
    for n, value in enumerate(values):
        rater = make_rater(item.study, make_participant(item.study, f"peer{n}"))
        judge(item, rater, {question: value})


def answer_as_owner(item: Item, owner: Participant, answers: dict[str, Any]) -> None:
    judge(item, make_rater(item.study, owner), answers, "owner")


def test_dpo_has_prompt_chosen_and_rejected_as_messages(study: Study, pair: Item) -> None:
    answer_as_peers(pair, "preference", "second_much")

    (example,) = examples(study, "trl_dpo")

    assert example.columns == {
        "prompt": [TURN],
        "chosen": [{"role": "assistant", "content": "The Gurten."}],
        "rejected": [{"role": "assistant", "content": "Anywhere."}],
    }


def test_reward_has_whole_conversations(study: Study, pair: Item) -> None:
    answer_as_peers(pair, "preference", "first_slightly")

    (example,) = examples(study, "trl_reward")

    assert example.columns == {
        "chosen": [TURN, {"role": "assistant", "content": "Anywhere."}],
        "rejected": [TURN, {"role": "assistant", "content": "The Gurten."}],
    }


def test_sidecar_names_the_row_and_who_decided(study: Study, pair: Item) -> None:
    answer_as_peers(pair, "preference", "second_much")

    (example,) = examples(study, "trl_dpo")

    assert example.meta == {
        "item": "i1",
        "subject": "p1",
        "prompt": "q1",
        "chosen": "r2",
        "rejected": "r1",
        "question": "preference",
        "decided_by": "people",
    }


def test_prompt_holds_the_turns_before_it(study: Study, pair: Item) -> None:
    before = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]
    study.prompts.update(before=before)
    answer_as_peers(pair, "preference", "second_much")

    (example,) = examples(study, "trl_dpo")

    assert example.columns["prompt"] == [*before, TURN]


def test_owner_decides_against_the_majority(study: Study, owner: Participant, pair: Item) -> None:
    answer_as_peers(pair, "preference", "second_much", "second_much")
    answer_as_owner(pair, owner, {"preference": "first_slightly"})

    (example,) = examples(study, "trl_dpo")

    assert (example.meta["chosen"], example.meta["decided_by"]) == ("r1", "owner")


def test_owner_without_a_preference_makes_none(
    study: Study, owner: Participant, pair: Item
) -> None:
    answer_as_peers(pair, "preference", "second_much")
    answer_as_owner(pair, owner, {"preference": "no_difference"})

    assert examples(study, "trl_dpo") == []


def test_votes_are_counted_by_side(study: Study, pair: Item) -> None:
    answer_as_peers(pair, "preference", "first_much", "second_slightly", "second_much")

    (example,) = examples(study, "trl_dpo")

    assert example.meta["chosen"] == "r2"


@pytest.mark.parametrize(
    "votes",
    [
        ("no_difference",),
        ("first_much", "second_much"),
        ("first_much", "no_difference"),
        ("first_much", "no_difference", "no_difference"),
    ],
)
def test_tie_or_draw_makes_no_preference(study: Study, pair: Item, votes: tuple[str]) -> None:
    answer_as_peers(pair, "preference", *votes)

    assert examples(study, "trl_dpo") == examples(study, "trl_reward") == []


def test_models_make_no_preference(study: Study, pair: Item) -> None:
    judge(pair, make_judge(study), {"preference": "second_much"}, "llm")
    judge(pair, make_judge(study, "broken"), None, "llm", raw="Hm.")

    assert examples(study, "trl_dpo") == []


def test_preference_of_a_person_who_keeps_words_stays(
    study: Study, owner: Participant, pair: Item
) -> None:
    answer_as_owner(pair, owner, {"preference": "second_much"})

    withdraw(owner, "publish_words")

    assert examples(study, "trl_dpo") == []


def test_relevance_label_is_the_owners(study: Study, owner: Participant, relevance: Item) -> None:
    answer_as_peers(relevance, "relevance", "irrelevant", "irrelevant")
    answer_as_owner(relevance, owner, {"relevance": "shape"})

    (example,) = examples(study, "relevance_classifier")

    assert example.columns == {
        "attribute": "Lives near Bern.",
        "prompt": "Where can I hike?",
        "label": 1.0,
    }


def test_relevance_label_is_the_share_of_yes(study: Study, relevance: Item) -> None:
    answer_as_peers(relevance, "relevance", "must", "shape", "optional", "avoid")

    (example,) = examples(study, "relevance_classifier")

    assert (example.columns["label"], example.meta["decided_by"]) == (0.5, "people")


def test_relevance_of_a_person_who_keeps_words_stays(
    study: Study, owner: Participant, relevance: Item
) -> None:
    answer_as_owner(relevance, owner, {"relevance": "must"})

    withdraw(owner, "publish_words")

    assert examples(study, "relevance_classifier") == []


@pytest.mark.parametrize("trainer", TRAINERS)
def test_study_that_asks_no_such_question_has_no_examples(trainer: str) -> None:
    reason = {"key": "reason", "kind": "text", "wording": {"peer": {"en": "Why?"}}}
    rubric = {"version": 1, "questions": [reason]}
    study = make_study("mute", {"relevance": rubric, "response": rubric})

    assert examples(study, trainer) == []
