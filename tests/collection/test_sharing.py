"""Sharing keeps what was read and nothing of the original."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from collection.actions.reviewing import propose_redactions, remove_turn
from collection.actions.sharing import ChangedSince, share_conversation
from collection.models import Conversation, Turn
from collection.unshared.drafts import draft_of
from collection.unshared.models import (
    Redaction,
    ReplyEvent,
    UnsharedConversation,
    UnsharedTurn,
)
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call
from studies.models import Participant
from tests.canaries import held, in_database
from tests.collection.unshared import add_reply, hide, make_unshared
from tests.factories import withdraw
from tests.samples import make_participant, make_study

CANARY = "Zanzibarkanarie"


@pytest.fixture
def owner(db: None) -> Participant:
    """Somebody whose study collects conversations."""
    return make_participant(make_study("alps", {}, donate={}), "owner")


def places_of(word: str) -> list[str]:
    """The columns that hold it."""
    found = [place for place, content in in_database() if held(content, [(word, word.encode())])]
    return sorted(found)


def share(conversation: UnsharedConversation, **changes: str) -> Conversation:
    """As the page does that was just shown."""
    seen = {"seen_digest": draft_of(conversation).digest()} | changes
    return share_conversation(
        conversation_id=conversation.pk, participant=conversation.participant, **seen
    )


def test_sharing_keeps_id_ref_and_redacted_turns(owner: Participant) -> None:
    conversation = make_unshared(owner, "I am Anna. Anna!", "Hello Anna")
    propose_redactions(conversation_id=conversation.pk, participant=owner)

    shared = share(conversation)

    assert (shared.pk, shared.ref, shared.title) == (conversation.pk, conversation.ref, "Trains")
    assert [(turn.role, turn.content) for turn in shared.turns.all()] == [
        ("user", "I am [NAME_1]. [NAME_1]!"),
        ("assistant", "Hello [NAME_1]"),
    ]


def test_shared_turn_says_where_something_was_replaced(owner: Participant) -> None:
    conversation = make_unshared(owner, "Ask Anna or Bo.")
    turn = conversation.turns.get()
    hide(turn, "Anna")
    hide(turn, "Bo", replacement="a friend")

    shared = share(conversation)

    kept = shared.turns.get()
    assert kept.content == "Ask [NAME_1] or a friend."
    assert kept.extra["redactions"] == [
        {"start": 4, "end": 12, "kind": "name"},
        {"start": 16, "end": 24, "kind": "name"},
    ]


def test_shared_conversation_holds_facts_without_words(owner: Participant) -> None:
    began = datetime(2026, 5, 3, 17, 30, tzinfo=UTC)
    conversation = make_unshared(
        owner, "Hi", "Yo", language="en", topic="food", system_prompt="kind", began_at=began
    )
    conversation.turns.filter(position=1).update(rating=4, state="stopped")

    shared = share(conversation)

    assert shared.extra == {"topic": "food", "system_prompt": "kind", "began_on": "2026-05-03"}
    assert (shared.model_names, shared.language) == (["gpt-x"], "en")
    reply = shared.turns.get(position=1)
    assert reply.extra == {"model": "gpt-x", "rating": 4, "state": "stopped"}


def test_replies_not_chosen_are_kept_beside_with_the_same_redactions(owner: Participant) -> None:
    conversation = make_unshared(owner, "I am Anna", "Hi")
    add_reply(conversation, 1, 1, "Hello Anna", rating=2)
    propose_redactions(conversation_id=conversation.pk, participant=owner)

    shared = share(conversation)

    assert shared.turns.get(position=1).extra["alternatives"] == [
        {
            "content": "Hello [NAME_1]",
            "redactions": [{"start": 6, "end": 14, "kind": "name"}],
            "model": "gpt-y",
            "rating": 2,
        }
    ]


def test_removed_turn_leaves_no_word(owner: Participant) -> None:
    conversation = make_unshared(owner, CANARY, "Answer", "And then?")
    remove_turn(turn_id=conversation.turns.get(position=0).pk, participant=owner)

    shared = share(conversation)

    assert list(shared.turns.values_list("position", flat=True)) == [1, 2]
    assert places_of(CANARY) == []


def test_nothing_of_the_original_stays_anywhere(owner: Participant) -> None:
    conversation = make_unshared(
        owner,
        f"I am {CANARY}",
        "Hello",
        title=f"Talk with {CANARY}",
        extra={"note": CANARY},
        origin=CANARY,
    )
    turn = conversation.turns.get(position=0)
    hide(turn, CANARY, replacement="")
    reply = add_reply(conversation, 1, 1, f"{CANARY} is a nice name", send_key=CANARY)
    hide(reply, CANARY)
    ReplyEvent.objects.create(turn=reply, sequence=1, text=CANARY)
    Redaction.objects.create(
        turn=turn, start=0, end=1, kind="other", origin="owner", replacement=CANARY, is_lifted=True
    )
    assert len(places_of(CANARY)) >= 6

    share(conversation)

    assert places_of(CANARY) == []


def test_answer_kept_in_the_ledger_goes_too(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi", "Hello")
    job = conversation.pk
    conversation.turns.filter(position=1).update(job=job)
    Call.objects.create(
        endpoint=baseline_endpoint(), job_id=job, raw_response=CANARY, request_digest="abc"
    )

    share(conversation)

    assert places_of(CANARY) == []
    assert Call.objects.get().request_digest == ""


def test_title_is_redacted_like_the_turns(owner: Participant) -> None:
    conversation = make_unshared(owner, "I am Anna", title="anna writes to bo@example.org")
    propose_redactions(conversation_id=conversation.pk, participant=owner)

    assert share(conversation).title == "[NAME_1] writes to [EMAIL_1]"


def test_sharing_twice_is_sharing_once(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi")
    seen = draft_of(conversation).digest()

    first = share(conversation)
    again = share_conversation(conversation_id=first.pk, participant=owner, seen_digest=seen)

    assert first.pk == again.pk
    assert (Conversation.objects.count(), Turn.objects.count()) == (1, 1)


def test_change_since_the_page_was_shown_is_refused(owner: Participant) -> None:
    conversation = make_unshared(owner, "I am Anna")
    seen = draft_of(conversation).digest()
    hide(conversation.turns.get(), "Anna")

    with pytest.raises(ChangedSince):
        share(conversation, seen_digest=seen)

    assert Conversation.objects.count() == 0


def test_scope_taken_back_since_is_a_change(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi")
    seen = draft_of(conversation).digest()
    withdraw(owner, "peers")

    with pytest.raises(ChangedSince):
        share(conversation, seen_digest=seen)


def test_conversation_that_goes_on_is_not_shared(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi", state="open")

    with pytest.raises(ValidationError, match="still going on"):
        share(conversation)


def test_conversation_without_turns_is_not_shared(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi")
    remove_turn(turn_id=conversation.turns.get().pk, participant=owner)

    with pytest.raises(ValidationError, match="removed every turn"):
        share(conversation)


def test_reply_under_way_is_not_shared(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi", "Hel")
    UnsharedTurn.objects.filter(position=1).update(state="streaming")

    with pytest.raises(ValidationError, match="still coming"):
        share(conversation)


def test_who_takes_no_part_shares_nothing(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi")
    withdraw(owner, "take_part")

    with pytest.raises(PermissionDenied):
        share(conversation)


def test_conversation_of_somebody_else_is_not_there(owner: Participant) -> None:
    conversation = make_unshared(owner, "Hi")
    other = make_participant(owner.study, "other")

    with pytest.raises(ValidationError, match="not here any more"):
        share_conversation(conversation_id=conversation.pk, participant=other, seen_digest="")


def test_last_shared_conversation_finishes_the_part(owner: Participant) -> None:
    first, second = make_unshared(owner, "Hi"), make_unshared(owner, "Ho")

    share(first)
    assert not owner.parts.filter(name="review", finished_at__isnull=False).exists()
    share(second)

    assert owner.parts.filter(name="review", finished_at__lte=timezone.now()).exists()
