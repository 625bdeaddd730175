"""What people do in a conversation: each act, each refusal, each act done twice."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from collection.actions.conversing import (
    begin_conversation,
    choose_reply,
    finish_conversation,
    rate_reply,
    send_turn,
    stop_replies,
    try_again,
)
from collection.actions.replying import begin_reply, finish_reply
from collection.converse.progress import measure
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from studies.models import Consent, Part
from tests.collection.conversing import begun, converse_study, say
from tests.samples import make_participant
from work.models import Job

State = UnsharedTurn.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(db: None) -> UnsharedConversation:
    """In which nothing was said yet, in a study with one reply at a time."""
    return begun(converse_study(max_turns=2, longest=20))


@pytest.fixture
def side_by_side(db: None) -> UnsharedConversation:
    """The same with two replies."""
    return begun(converse_study(replies=2))


def answer(
    conversation: UnsharedConversation, *contents: str, states: Sequence[str] = ("whole",) * 4
) -> list[UnsharedTurn]:
    """Let the waiting replies end with these texts in these states."""
    waiting = conversation.turns.filter(state=State.WAITING).order_by("place")
    for turn, content, state in zip(list(waiting), contents, states, strict=False):
        reply = begin_reply(reply=turn.pk, owner="test")
        assert reply is not None
        finish_reply(
            claim=reply.claim, reply=turn.pk, state=State(state), content=content, model="m",
            outcome="ok",
        )  # fmt: skip
    return list(conversation.turns.filter(role="assistant").order_by("position", "place"))


def code_of(refusal: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(refusal.value.code)


def test_begin_draws_models_from_a_kept_seed(conversation: UnsharedConversation) -> None:
    assert conversation.endpoints == ["main"]
    assert conversation.seed is not None
    assert Part.objects.get().name == "converse"


def test_begin_twice_is_one_conversation(conversation: UnsharedConversation) -> None:
    assert begin_conversation(participant=conversation.participant) == conversation


def test_begin_wants_a_topic_of_the_study(db: None) -> None:
    study = converse_study(topics=[{"key": "food", "label": {"en": "Food"}}])
    person = make_participant(study)

    with pytest.raises(ValidationError, match="Choose something"):
        begin_conversation(participant=person, topic="war")

    assert begin_conversation(participant=person, topic="food").topic == "food"


@pytest.mark.parametrize("scope", ["converse", "take_part"])
def test_without_consent_nothing_is_begun_or_said(
    conversation: UnsharedConversation, scope: str
) -> None:
    Consent.objects.filter(scope=scope).delete()

    with pytest.raises(PermissionDenied):
        begin_conversation(participant=conversation.participant)
    with pytest.raises(PermissionDenied):
        send_turn(conversation=conversation, text="Hello", send_key="1")
    assert not UnsharedTurn.objects.exists()


def test_send_stores_what_was_said_and_asks(conversation: UnsharedConversation) -> None:
    send_turn(conversation=conversation, text="  Hello\r\nyou ", send_key="1")

    stored = conversation.turns.values_list("position", "role", "content", "state", "awaits_reply")
    assert list(stored) == [
        (0, "user", "Hello\nyou", "whole", True),
        (1, "assistant", "", "waiting", False),
    ]
    assert not Job.objects.exists()


def test_send_twice_is_one_turn(conversation: UnsharedConversation) -> None:
    first = send_turn(conversation=conversation, text="Hello", send_key="1")

    assert send_turn(conversation=conversation, text="Hello", send_key="1") == first
    assert conversation.turns.count() == 2


@pytest.mark.parametrize(("text", "why"), [(" \n\x00", "Write something"), ("x" * 21, "1 char")])
def test_send_refuses_what_is_empty_or_too_long(
    conversation: UnsharedConversation, text: str, why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        send_turn(conversation=conversation, text=text, send_key="1")

    assert not conversation.turns.exists()


def test_send_waits_for_the_reply(conversation: UnsharedConversation) -> None:
    say(conversation, "Hello")

    with pytest.raises(ValidationError) as refusal:
        say(conversation, "Hello again")

    assert (code_of(refusal), conversation.turns.count()) == ("awaits", 2)


def test_send_after_the_last_turn_is_refused(conversation: UnsharedConversation) -> None:
    for text in ("One", "Two"):
        say(conversation, text)
        answer(conversation, "Well")

    with pytest.raises(ValidationError) as refusal:
        say(conversation, "Three")

    assert code_of(refusal) == "over"


def test_model_that_is_not_there_stores_nothing_and_stays_hidden(db: None) -> None:
    conversation = begun(converse_study())
    conversation.endpoints = ["secret-name"]
    conversation.save()

    with pytest.raises(ValidationError) as refusal:
        say(conversation)

    assert "secret" not in str(refusal.value)
    assert not conversation.turns.exists()


def test_whole_reply_lets_the_conversation_go_on(conversation: UnsharedConversation) -> None:
    say(conversation, "One")
    [reply] = answer(conversation, "Well")

    assert (reply.state, reply.is_chosen) == ("whole", True)
    assert say(conversation, "Two")


def test_stop_before_it_began_ends_it_there(conversation: UnsharedConversation) -> None:
    say(conversation)

    stop_replies(conversation=conversation, seen=())
    stop_replies(conversation=conversation, seen=())

    reply = conversation.turns.get(role="assistant")
    assert (reply.state, reply.content) == ("stopped", "")
    assert conversation.turns.get(role="user").awaits_reply


def test_stopped_reply_is_what_was_seen_however_much_came(
    conversation: UnsharedConversation,
) -> None:
    [turn] = say(conversation)
    reply = begin_reply(reply=turn, owner="test")
    assert reply is not None
    stop_replies(conversation=conversation, seen=[4])

    finish_reply(
        claim=reply.claim, reply=turn, state=State.WHOLE, content="Well now", model="m",
        outcome="ok",
    )  # fmt: skip

    stored = conversation.turns.get(pk=turn)
    assert (stored.state, stored.content) == ("stopped", "Well")
    assert not conversation.turns.get(role="user").awaits_reply


def test_cut_reply_is_asked_for_again(conversation: UnsharedConversation) -> None:
    say(conversation)
    answer(conversation, "Half of", states=["cut"])
    try_again(conversation=conversation)
    try_again(conversation=conversation)

    replies = answer(conversation, "All of it")

    assert [(r.place, r.state, r.is_chosen) for r in replies] == [
        (0, "cut", False),
        (1, "whole", True),
    ]
    assert not conversation.turns.get(role="user").awaits_reply


def test_whole_reply_is_not_asked_for_again(conversation: UnsharedConversation) -> None:
    say(conversation)
    answer(conversation, "All of it")

    with pytest.raises(ValidationError, match="no reply to ask for"):
        try_again(conversation=conversation)


def test_asking_again_often_has_to_wait_an_hour(conversation: UnsharedConversation) -> None:
    say(conversation)
    for _number in range(9):
        answer(conversation, "Half", states=["cut"])
        try_again(conversation=conversation)
    answer(conversation, "Half", states=["cut"])

    with pytest.raises(ValidationError, match="again in 60 minutes"):
        try_again(conversation=conversation)
    conversation.turns.update(created_at=timezone.now() - timedelta(minutes=61))
    try_again(conversation=conversation)

    assert conversation.turns.filter(state="waiting").count() == 1


def test_one_reply_side_by_side_is_chosen(side_by_side: UnsharedConversation) -> None:
    say(side_by_side)
    _first, second = answer(side_by_side, "One", "Two")
    for _time in range(2):
        choose_reply(conversation=side_by_side, reply=second.pk)

    chosen = side_by_side.turns.filter(role="assistant").order_by("place")
    assert list(chosen.values_list("content", "is_chosen")) == [("One", False), ("Two", True)]
    assert say(side_by_side, "Go on")


def test_choosing_waits_for_all_replies(side_by_side: UnsharedConversation) -> None:
    say(side_by_side)
    answer(side_by_side, "One")
    first = side_by_side.turns.get(role="assistant", place=0)

    with pytest.raises(ValidationError) as refusal:
        choose_reply(conversation=side_by_side, reply=first.pk)

    assert code_of(refusal) == "awaits"


def test_only_the_cut_one_side_by_side_is_asked_again(side_by_side: UnsharedConversation) -> None:
    say(side_by_side)
    answer(side_by_side, "One", "Ha", states=["whole", "cut"])

    try_again(conversation=side_by_side)

    waiting = side_by_side.turns.get(state="waiting")
    assert waiting.place == 3


def test_reply_of_others_is_not_chosen(side_by_side: UnsharedConversation) -> None:
    say(side_by_side)
    answer(side_by_side, "One", "Two")

    with pytest.raises(ValidationError, match="Choose one"):
        choose_reply(conversation=side_by_side, reply=uuid4())


def test_cut_reply_may_be_kept_and_stays_cut(conversation: UnsharedConversation) -> None:
    say(conversation)
    [reply] = answer(conversation, "Half of", states=["cut"])

    choose_reply(conversation=conversation, reply=reply.pk)

    stored = conversation.turns.get(pk=reply.pk)
    assert (stored.state, stored.is_chosen) == ("cut", True)
    assert say(conversation, "Go on")


def test_rating_is_kept_and_changed(conversation: UnsharedConversation) -> None:
    say(conversation)
    [reply] = answer(conversation, "Well")
    for rating in (2, 5):
        rate_reply(conversation=conversation, reply=reply.pk, rating=rating)

    assert conversation.turns.get(pk=reply.pk).rating == 5


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_rating_off_the_scale_is_refused(conversation: UnsharedConversation, rating: int) -> None:
    say(conversation)
    [reply] = answer(conversation, "Well")

    with pytest.raises(ValidationError):
        rate_reply(conversation=conversation, reply=reply.pk, rating=rating)


def test_finish_ends_the_part(conversation: UnsharedConversation) -> None:
    say(conversation)
    answer(conversation, "Well")
    for _time in range(2):
        finish_conversation(conversation=conversation)

    progress = measure(conversation.participant)
    assert progress is not None
    assert (progress.done, progress.total, progress.is_done) == (1, 1, True)
    with pytest.raises(ValidationError, match="finished"):
        say(conversation, "More")


def test_finish_wants_the_least_number_of_turns(conversation: UnsharedConversation) -> None:
    say(conversation)
    answer(conversation, "Half", states=["cut"])

    with pytest.raises(ValidationError, match="1 more turn"):
        finish_conversation(conversation=conversation)


def test_what_broke_off_last_is_left_out_at_the_end(conversation: UnsharedConversation) -> None:
    for text, state in (("One", "whole"), ("Two", "cut")):
        say(conversation, text)
        answer(conversation, "Well", states=[state])

    finish_conversation(conversation=conversation)

    assert not conversation.turns.filter(state="cut", is_chosen=True).exists()
    assert not conversation.turns.filter(awaits_reply=True).exists()


def test_part_of_those_who_may_not_converse_is_not_asked(
    conversation: UnsharedConversation,
) -> None:
    Consent.objects.filter(scope="converse").delete()

    assert measure(conversation.participant) is None
