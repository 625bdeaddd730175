"""Tasks of which something, or all, was erased or forgotten after they were given out."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from annotation.actions.judgments import Entry, revise_assignment, submit_assignment
from annotation.actions.tasks import open_tasks
from annotation.errors import TakenBack
from annotation.models import Assignment, Item, Judgment, Rater
from annotation.screens import screen_of
from generation.models import Attribute, Prompt
from studies.models import Study
from tests.annotation.working import claim, rater
from tests.samples import make_attribute, make_conversation, make_participant, make_study

pytestmark = pytest.mark.django_db
STATEMENTS = ("vegan", "Rome", "jazz")


@pytest.fixture
def study() -> Study:
    """One task of three statements."""
    study = make_study(stages={"relevance": {"overlap": {"peer": 1}}})
    owner = make_participant(study)
    conversation = make_conversation(owner, "I am vegan, live in Rome and like jazz.", "Noted")
    for word in STATEMENTS:
        make_attribute(conversation, word, word, ref=word)
    Prompt.objects.create(study=study, participant=owner, ref="q1", text="Dinner?")
    open_tasks(study=study, stage="relevance")
    return study


@pytest.fixture
def place(study: Study) -> Assignment:
    """It, held by a peer."""
    found = claim(study, rater(study, "w1"), stage="relevance")
    assert found
    return found


def entries(place: Assignment, answer: str = "must") -> list[Entry]:
    """The same answer to all that stands there."""
    answers = {"relevance": answer}
    return [Entry(item=shown.ref, answers=answers) for shown in screen_of(place).items]


def send(place: Assignment, said: list[Entry]) -> list[Judgment]:
    """Submit them under one key."""
    return submit_assignment(
        assignment_id=place.pk, rater=place.rater, fence=place.fence, entries=said, key="k1"
    )


def change(place: Assignment, said: list[Entry]) -> list[Judgment]:
    """Answer it again."""
    assert place.rater
    return revise_assignment(assignment_id=place.pk, rater=place.rater, entries=said)


@pytest.mark.parametrize("gone", STATEMENTS)
def test_same_key_answers_with_what_is_left(place: Assignment, gone: str) -> None:
    said = entries(place)
    first = send(place, said)
    Item.objects.filter(attribute__ref=gone).delete()

    again = send(place, said)

    left = Judgment.objects.values_list("pk", flat=True)
    assert [row.pk for row in again] == [row.pk for row in first if row.pk in left]
    assert len(again) == 2


@pytest.mark.parametrize("gone", STATEMENTS)
def test_what_is_left_can_be_changed_and_what_is_gone_cannot(place: Assignment, gone: str) -> None:
    said = entries(place)
    send(place, said)
    Item.objects.filter(attribute__ref=gone).delete()
    place.refresh_from_db()

    with pytest.raises(ValidationError, match="not part of the task"):
        change(place, said)

    assert [row.revision for row in change(place, entries(place, "avoid"))] == [2, 2]


def forget() -> None:
    Attribute.objects.update(forgotten_at=timezone.now())


def erase() -> None:
    Item.objects.all().delete()


@pytest.mark.parametrize("lose", [forget, erase])
def test_nothing_is_stored_where_nothing_is_left(place: Assignment, lose: Any) -> None:
    lose()

    with pytest.raises(TakenBack):
        send(place, [])

    place.refresh_from_db()
    assert (place.state, place.rater) == ("free", None)


@pytest.mark.parametrize("lose", [forget, erase])
def test_nothing_is_changed_where_nothing_is_left(place: Assignment, lose: Any) -> None:
    send(place, entries(place))
    lose()
    place.refresh_from_db()

    with pytest.raises(TakenBack):
        change(place, [])


def test_same_key_is_told_where_nothing_is_left(place: Assignment) -> None:
    said = entries(place)
    send(place, said)
    erase()

    with pytest.raises(TakenBack):
        send(place, said)


def test_late_answer_to_what_was_taken_back_is_told_so(study: Study, place: Assignment) -> None:
    Assignment.objects.update(state="lapsed", lease_until=None)
    who = Rater.objects.get()
    said = entries(place)
    forget()

    with pytest.raises(TakenBack):
        submit_assignment(assignment_id=place.pk, rater=who, fence=place.fence, entries=said)
