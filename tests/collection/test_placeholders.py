"""Placeholders: one for the same thing in the whole conversation, numbered by first occurrence."""

import pytest

from collection.redaction.kinds import Kind
from collection.redaction.placeholders import numbered
from collection.unshared.drafts import draft_of
from studies.models import Participant
from tests.collection.unshared import add_reply, hide, make_unshared
from tests.samples import make_participant, make_study


@pytest.fixture
def owner(db: None) -> Participant:
    """Somebody who said something."""
    return make_participant(make_study("alps", {}), "owner")


def texts(conversation: object) -> list[str]:
    """The turns as they would be shared, replies beside them included."""
    draft = draft_of(conversation)  # type: ignore[arg-type]
    return [
        text
        for row in draft.turns
        for text in [row.content, *(beside.content for beside in row.alternatives)]
    ]


def test_numbers_follow_the_first_occurrence_per_kind() -> None:
    found = [(Kind.NAME, "Anna"), (Kind.EMAIL, "a@x.org"), (Kind.NAME, "Bo"), (Kind.NAME, "anna")]

    assert numbered(found) == ["[NAME_1]", "[EMAIL_1]", "[NAME_2]", "[NAME_1]"]


def test_spacing_does_not_make_another_number() -> None:
    found = [(Kind.PHONE, "(415) 555-0132"), (Kind.PHONE, "415 555 0132"), (Kind.CARD, "4111-1")]

    assert numbered(found) == ["[PHONE_1]", "[PHONE_1]", "[CARD_1]"]


def test_first_name_is_who_was_named_in_full() -> None:
    assert numbered([(Kind.NAME, "Anna Keller"), (Kind.NAME, "Keller")]) == ["[NAME_1]"] * 2


def test_replies_beside_are_numbered_in_the_order_of_reading(owner: Participant) -> None:
    conversation = make_unshared(owner, "Anna", "Bo", "Cy")
    for turn in conversation.turns.all():
        hide(turn, turn.content)
    hide(add_reply(conversation, 1, 1, "Di and Anna"), "Di")

    assert texts(conversation) == ["[NAME_1]", "[NAME_2]", "[NAME_3] and Anna", "[NAME_4]"]


def test_turn_taken_out_takes_no_number(owner: Participant) -> None:
    conversation = make_unshared(owner, "Anna", "Bo")
    for turn in conversation.turns.all():
        hide(turn, turn.content)
    conversation.turns.filter(position=0).update(is_removed=True)

    assert texts(conversation)[1] == "[NAME_1]"


def test_overlapping_redactions_hide_all_they_cover(owner: Participant) -> None:
    conversation = make_unshared(owner, "Ask Anna Keller, Bern")
    turn = conversation.turns.get()
    hide(turn, "Anna Keller")
    hide(turn, "Keller, Bern", Kind.OTHER, origin="owner")

    assert texts(conversation) == ["Ask [HIDDEN_1]"]


def test_lifted_redaction_hides_nothing(owner: Participant) -> None:
    conversation = make_unshared(owner, "Ask Anna")
    hide(conversation.turns.get(), "Anna", is_lifted=True)

    assert texts(conversation) == ["Ask Anna"]


def test_names_are_told_apart_by_the_earliest_they_share() -> None:
    found = ["Ana Li", "Bo Li", "Li", "Ana Maria Li", "Bo", "Maria", "Kim"]

    given = numbered((Kind.NAME, name) for name in found)

    assert [one[6] for one in given] == ["1", "2", "1", "1", "2", "1", "3"]
