"""A model that does not answer: nobody is held by it."""

import pytest
from django.core.exceptions import ValidationError

from collection.actions.conversing import (
    begin_conversation,
    end_without_reply,
    take_back,
    try_again,
)
from collection.converse.progress import measure
from collection.converse.talk import talk_of
from collection.unshared.models import UnsharedConversation
from tests.collection.conversing import begun, converse_study, say
from tests.collection.test_conversing import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(db: None) -> UnsharedConversation:
    """In which nothing was said yet, in a study that asks for three turns."""
    return begun(converse_study(min_turns=3))


def fail(conversation: UnsharedConversation, times: int = 3) -> None:
    """Say something to which no reply comes, and ask again."""
    say(conversation, "Are you there?")
    for number in range(times):
        if number:
            try_again(conversation=conversation)
        answer(conversation, "", "", states=["cut", "cut"])


def test_message_without_reply_is_taken_back(conversation: UnsharedConversation) -> None:
    fail(conversation)

    assert talk_of(conversation).can_take_back
    assert take_back(conversation=conversation) == "Are you there?"
    assert take_back(conversation=conversation) == ""
    assert not conversation.turns.exists()
    assert say(conversation, "Are you there?")


def test_what_was_answered_stays_when_a_message_is_taken_back(
    conversation: UnsharedConversation,
) -> None:
    say(conversation, "Hello")
    answer(conversation, "Well")
    fail(conversation)

    take_back(conversation=conversation)

    assert list(conversation.turns.values_list("content", flat=True)) == ["Hello", "Well"]


@pytest.mark.parametrize("act", [take_back, end_without_reply])
def test_two_failures_are_not_enough_to_give_up(
    conversation: UnsharedConversation, act: object
) -> None:
    fail(conversation, times=2)

    assert not talk_of(conversation).can_end
    assert callable(act)
    with pytest.raises(ValidationError, match="may still answer"):
        act(conversation=conversation)


def test_nothing_is_ended_while_a_reply_comes(conversation: UnsharedConversation) -> None:
    fail(conversation)
    try_again(conversation=conversation)

    with pytest.raises(ValidationError, match="may still answer"):
        end_without_reply(conversation=conversation)


def test_conversation_without_reply_ends_and_counts(conversation: UnsharedConversation) -> None:
    fail(conversation)
    for _time in range(2):
        end_without_reply(conversation=conversation)

    conversation.refresh_from_db()
    progress = measure(conversation.participant)
    assert (conversation.state, conversation.extra["ended"]) == ("finished", "no_reply")
    assert progress is not None
    assert progress.is_done


def test_it_may_be_ended_after_taking_back_until_something_new_is_said(
    conversation: UnsharedConversation,
) -> None:
    fail(conversation)
    take_back(conversation=conversation)
    conversation.refresh_from_db()
    assert talk_of(conversation).can_end
    say(conversation, "Still there?")

    assert not talk_of(conversation).can_end
    with pytest.raises(ValidationError, match="may still answer"):
        end_without_reply(conversation=conversation)


def test_conversation_that_goes_well_is_not_ended_early(conversation: UnsharedConversation) -> None:
    say(conversation, "Hello")
    answer(conversation, "Well")

    with pytest.raises(ValidationError):
        end_without_reply(conversation=conversation)
    assert take_back(conversation=conversation) == ""


def test_two_conversations_in_vain_are_enough(db: None) -> None:
    study = converse_study(conversations=5)
    first = begun(study)
    for conversation in (first, None):
        under_way = conversation or begin_conversation(participant=first.participant)
        progress = measure(first.participant)
        assert progress is not None
        assert not progress.is_done
        fail(under_way)
        end_without_reply(conversation=under_way)

    progress = measure(first.participant)
    assert progress is not None
    assert progress.is_done


def test_side_by_side_each_has_to_fail_three_times(db: None) -> None:
    conversation = begun(converse_study(replies=2))
    fail(conversation, times=2)
    assert not talk_of(conversation).can_take_back
    try_again(conversation=conversation)
    answer(conversation, "", "", states=["cut", "cut"])

    assert talk_of(conversation).can_take_back
