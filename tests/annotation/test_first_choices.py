"""A first choice is made before the rest is seen: whoever has seen the rest makes none anew."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Count

from annotation.actions.assignments import release_assignment
from annotation.actions.drafts import draft_of, drop_left_drafts, keep_draft, lock_answers
from annotation.actions.leaving import give_back_places, take_out_of_queues
from annotation.models import Assignment, Draft, Rater
from studies.models import Study
from tests.annotation.test_disputes import study_with
from tests.annotation.working import answer, claim, rater

pytestmark = pytest.mark.django_db

CHOSEN = {"an item": {"answers": {"preference": "1"}}}
Leave = Callable[[Assignment], Any]


def chosen(study: Study, who: Rater, role: str = "peer") -> Assignment:
    """A place whose holder has chosen, and sees the rest now."""
    place = claim(study, who, role=role)
    assert place
    lock_answers(assignment_id=place.pk, rater=who, fence=place.fence, answers=CHOSEN)
    keep_draft(
        assignment_id=place.pk, rater=who, fence=place.fence, fields={"why": "Vegan."}, version=1
    )
    return place


def withdraw(place: Assignment) -> None:
    assert place.rater
    assert place.rater.participant
    give_back_places(participant=place.rater.participant)


def release(place: Assignment) -> None:
    release_assignment(assignment_id=place.pk, rater=place.rater, fence=place.fence)


def owner_takes_back(place: Assignment) -> None:
    assert place.subject
    take_out_of_queues(participant=place.subject)


@pytest.mark.parametrize("leave", [withdraw, release, owner_takes_back])
def test_who_chose_and_gave_the_place_back_is_not_asked_again(leave: Leave) -> None:
    study = study_with(1, places=1, about=True)
    who = rater(study, "w1")
    place = chosen(study, who)

    leave(place)

    assert claim(study, who) is None
    other = claim(study, rater(study, "w2"))
    assert other
    assert (other.task_id, other.rank, draft_of(other)) == (place.task_id, place.rank, None)
    answer(other, preference="1")
    states = Assignment.objects.values_list("state").annotate(n=Count("pk"))
    assert dict(states) == {"lapsed": 1, "done": 1}


@pytest.mark.parametrize("leave", [withdraw, release, owner_takes_back])
def test_who_chose_nothing_yet_may_have_the_place_again(leave: Leave) -> None:
    study = study_with(1, places=1, about=True)
    who = rater(study, "w1")
    place = claim(study, who)
    assert place

    leave(place)

    again = claim(study, who)
    assert again
    assert again.pk == place.pk
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize("leave", [withdraw, release])
def test_an_owner_who_comes_back_goes_on_from_their_first_choice(leave: Leave) -> None:
    study = study_with(1, about=True, overlap={"owner": 1})
    who = Rater.objects.create(
        study=study, ref="owner", kind="human", participant=study.participants.get(ref="owner")
    )
    place = chosen(study, who, role="owner")
    leave(place)
    assert drop_left_drafts() == 0

    again = claim(study, who, role="owner")

    assert again
    draft = draft_of(again)
    assert draft
    assert (again.pk, again.fence > place.fence) == (place.pk, True)
    assert (draft.locked, draft.fields, draft.fence) == (CHOSEN, {}, again.fence)


def test_an_owner_who_is_asked_something_else_now_chooses_anew() -> None:
    study = study_with(1, about=True, overlap={"owner": 1})
    who = Rater.objects.create(
        study=study, ref="owner", kind="human", participant=study.participants.get(ref="owner")
    )
    place = chosen(study, who, role="owner")
    withdraw(place)
    Assignment.objects.update(rubric_version=7)

    again = claim(study, who, role="owner")

    assert again
    assert draft_of(again) is None
    assert drop_left_drafts() == 1
    assert not Draft.objects.exists()
