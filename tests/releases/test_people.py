"""What consent keeps back, table by table: ids leave, words and ratings only if allowed."""

import pytest

from collection.models import Turn
from tests.factories import (
    judge,
    make_conversation,
    make_judge,
    make_participant,
    make_rater,
    make_study,
    withdraw,
)
from tests.releases.chains import (
    make_attribute_item,
    make_pair,
    make_relevance_item,
    rows_of,
)

pytestmark = pytest.mark.django_db


def test_judgments_of_raters_who_keep_their_ratings_stay() -> None:
    study = make_study()
    item = make_relevance_item(study, None)
    for ref, scopes in (("open", ["publish_ratings"]), ("closed", ["take_part"])):
        judge(item, make_rater(study, make_participant(study, ref, scopes)), {"relevance": "must"})

    assert [row["rater"] for row in rows_of("judgments", study)] == ["w-open"]


def test_judgments_about_a_person_who_keeps_ratings_stay() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    item = make_relevance_item(study, owner)
    judge(item, make_judge(study), {"relevance": "must"}, "llm")

    withdraw(owner, "publish_ratings")

    assert rows_of("judgments", study) == []


def test_free_text_of_a_rater_who_keeps_words_stays_and_its_row_leaves() -> None:
    study = make_study()
    rater = make_rater(study, make_participant(study, "p2", ["publish_ratings"]))
    item = make_pair(study, make_participant(study, "p1"))
    judge(item, rater, {"preference": "second_much", "reason": "It knows my leg."})

    rows = {row["question"]: row for row in rows_of("judgments", study)}

    assert (rows["preference"]["value"], rows["preference"]["withheld"]) == ("second_much", False)
    assert (rows["reason"]["value"], rows["reason"]["withheld"]) == (None, True)


def test_attributes_of_a_person_who_keeps_words_leave_as_ids() -> None:
    study = make_study()
    owner = make_participant(study, "p1")
    make_attribute_item(study, owner)

    withdraw(owner, "publish_words")

    (row,) = rows_of("attributes", study)
    assert (row["item"], row["attribute"], row["withheld"]) == ("i1", "a1", True)
    assert (row["attribute_text"], row["evidence"][0]["quote"]) == (None, None)


def test_attributes_leave_out_answers_of_raters_who_keep_ratings() -> None:
    study = make_study()
    item = make_attribute_item(study, make_participant(study, "p1"))
    person = make_participant(study, "p2")
    judge(item, make_rater(study, person), {"accuracy": "accurate"})

    withdraw(person, "publish_ratings")

    (row,) = rows_of("attributes", study)
    assert (row["accuracy__peers"], row["accuracy__peers_majority"]) == ([], None)


def test_quote_from_a_turn_edited_since_never_leaves() -> None:
    study = make_study()
    item = make_attribute_item(study, make_participant(study, "p1"))
    conversation = item.attribute.evidence.get().conversation  # type: ignore[union-attr]
    Turn.objects.create(
        conversation=conversation, position=0, edition=2, role="user", content="I live in [PLACE]."
    )

    (row,) = rows_of("attributes", study)

    assert row["evidence"][0]["quote"] is None


def test_relevance_of_a_person_who_keeps_words_leaves_as_ids() -> None:
    study = make_study()
    owner = make_participant(study, "p1", ["publish_ratings"])
    item = make_relevance_item(study, owner)
    judge(item, make_rater(study, owner), {"relevance": "shape"}, "owner")

    (row,) = rows_of("relevance", study)

    assert (row["prompt"], row["attribute"], row["withheld"]) == ("q1", "a1", True)
    assert (row["prompt_text"], row["prompt_before"], row["attribute_text"]) == (None, None, None)
    assert row["relevance__owner"] == "shape"


def test_responses_for_a_person_who_keeps_words_leave_as_ids() -> None:
    study = make_study()
    make_pair(study, make_participant(study, "p1", ["publish_ratings"]))

    (row,) = rows_of("responses", study)

    assert (row["first"], row["second"], row["withheld"]) == ("r1", "r2", True)
    assert (row["prompt_text"], row["first_text"], row["second_text"]) == (None, None, None)


def test_conversations_of_people_who_keep_words_stay() -> None:
    study = make_study()
    make_conversation(study, make_participant(study, "p1", ["publish_ratings"]), ref="c1")
    make_conversation(study, None, ref="c2")

    assert {row["conversation"] for row in rows_of("conversations", study)} == {"c2"}
