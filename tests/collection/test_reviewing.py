"""What an owner does before sharing: each act, its refusals, done twice; how far they are."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from collection.actions import reviewing
from collection.parts import review
from collection.redaction.detection import detect_in_all
from collection.unshared.models import Redaction, UnsharedConversation, UnsharedTurn
from studies.models import Participant
from studies.parts import Progress
from tests.collection.unshared import add_reply, hide, make_unshared
from tests.factories import withdraw
from tests.samples import make_participant, make_study


@pytest.fixture
def owner(db: None) -> Participant:
    """Who reads."""
    return make_participant(make_study("alps", {}), "owner")


def spans(conversation: UnsharedConversation) -> list[tuple[int, int, int, str]]:
    """Position, start, end and kind of what is hidden."""
    rows = Redaction.objects.filter(turn__conversation=conversation, is_lifted=False)
    columns = ("turn__position", "start", "end", "kind")
    return list(rows.order_by(*columns).values_list(*columns))


def test_proposals_are_made_once(owner: Participant) -> None:
    talk = make_unshared(owner, "I am Anna", "Hi Anna")
    names: dict[str, Any] = {"conversation_id": talk.pk, "participant": owner}

    assert reviewing.propose_redactions(**names) == 2
    assert reviewing.propose_redactions(**names) == 0
    assert spans(talk) == [(0, 5, 9, "name"), (1, 3, 7, "name")]


def test_replies_not_chosen_are_searched_too(owner: Participant) -> None:
    talk = make_unshared(owner, "I am Anna", "Hi")
    add_reply(talk, 1, 1, "Hi Anna")

    assert reviewing.propose_redactions(conversation_id=talk.pk, participant=owner) == 2


def test_nothing_is_proposed_while_it_goes_on(owner: Participant) -> None:
    talk = make_unshared(owner, "I am Anna", state="open")

    with pytest.raises(ValidationError, match="still going on"):
        reviewing.propose_redactions(conversation_id=talk.pk, participant=owner)


def test_selection_counts_where_it_stands_or_nearest(owner: Participant) -> None:
    talk = make_unshared(owner, "so so so")
    turn = talk.turns.get()

    reviewing.hide_span(turn_id=turn.pk, participant=owner, start=4, words="so")

    assert spans(talk) == [(0, 3, 5, "other")]


def test_hiding_twice_is_hiding_once(owner: Participant) -> None:
    talk = make_unshared(owner, "My dog Rex")
    words: dict[str, Any] = {"turn_id": talk.turns.get().pk, "participant": owner, "words": "Rex"}

    reviewing.hide_words(**words)
    reviewing.hide_words(**words)

    assert spans(talk) == [(0, 7, 10, "other")]


def test_marked_words_get_the_kind_that_a_detector_tells(owner: Participant) -> None:
    talk = make_unshared(owner, "a.b@example.org")
    turn = talk.turns.get()

    reviewing.hide_words(turn_id=turn.pk, participant=owner, words="a.b@example.org")

    assert spans(talk) == [(0, 0, 15, "email")]


def test_lifted_proposal_is_hidden_again_by_marking_it(owner: Participant) -> None:
    talk = make_unshared(owner, "Ask Anna")
    turn = talk.turns.get()
    hide(turn, "Anna", is_lifted=True)

    reviewing.hide_words(turn_id=turn.pk, participant=owner, words="Anna")

    assert spans(talk) == [(0, 4, 8, "name")]


def test_removing_a_conversation_twice_is_removing_it_once(owner: Participant) -> None:
    talk = make_unshared(owner, "Hi")

    for _time in range(2):
        reviewing.remove_conversation(conversation_id=talk.pk, participant=owner)

    assert not UnsharedTurn.objects.exists()
    assert owner.parts.filter(name="review", finished_at__isnull=False).count() == 1


ACTS: dict[str, Callable[..., Any]] = {
    "hide_words": lambda **who: reviewing.hide_words(words="Hi", **who),
    "hide_span": lambda **who: reviewing.hide_span(words="Hi", start=0, **who),
    "lift": lambda **who: reviewing.lift_redaction(start=0, end=2, **who),
    "hide_again": lambda **who: reviewing.hide_again(start=0, end=2, **who),
    "replace": lambda **who: reviewing.replace_redaction(start=0, end=2, replacement="x", **who),
    "remove": reviewing.remove_turn,
    "put_back": reviewing.put_back_turn,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nobody_else_acts_on_a_turn(owner: Participant, act: Callable[..., Any]) -> None:
    turn = make_unshared(owner, "Hi").turns.get()
    other = make_participant(owner.study, "other")

    with pytest.raises(ValidationError, match="not here any more"):
        act(turn_id=turn.pk, participant=other)
    with pytest.raises(ValidationError, match="not here any more"):
        act(turn_id=uuid4(), participant=owner)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_who_takes_no_part_any_more_does_not_act(
    owner: Participant, act: Callable[..., Any]
) -> None:
    turn = make_unshared(owner, "Hi").turns.get()
    withdraw(owner, "take_part")

    with pytest.raises(PermissionDenied):
        act(turn_id=turn.pk, participant=owner)


def test_part_is_asked_where_something_waits_and_done_after(owner: Participant) -> None:
    assert review(owner) is None

    talk = make_unshared(owner, "Hi")
    make_unshared(owner, "Going on", state="open")
    assert review(owner) == Progress(done=0, total=1, is_done=False)

    talk.delete()
    owner.study.document["donate"] = {}
    assert review(owner) == Progress(done=0, total=0, is_done=True)


@pytest.mark.django_db(transaction=True)
def test_search_holds_no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search of a long text would keep everybody else from writing."""
    owner = make_participant(make_study("alps", {}), "owner")
    talk = make_unshared(owner, "I am Anna")
    held: list[bool] = []
    search = detect_in_all

    def watched(*args: Any, **more: Any) -> Any:
        held.append(connection.in_atomic_block)
        return search(*args, **more)

    monkeypatch.setattr(reviewing, "detect_in_all", watched)

    assert reviewing.propose_redactions(conversation_id=talk.pk, participant=owner) == 1
    assert held == [False]


def test_turn_that_changes_during_the_search_is_searched_again(
    owner: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = make_unshared(owner, "I am Anna")
    search = detect_in_all

    def changing(*args: Any, **more: Any) -> Any:
        talk.turns.update(content="So I am Anna")
        return search(*args, **more)

    monkeypatch.setattr(reviewing, "detect_in_all", changing)
    with pytest.raises(ValidationError, match="just changed"):
        reviewing.propose_redactions(conversation_id=talk.pk, participant=owner)

    reviewing.propose_redactions(conversation_id=talk.pk, participant=owner)
    assert spans(talk) == [(0, 8, 12, "name")]
