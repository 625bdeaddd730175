"""Asking others what somebody answered who is left out."""

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.assignments import skip_assignment
from annotation.actions.exclusions import exclude_rater
from annotation.actions.leaving import vacate_places
from annotation.actions.replacing import ask_others, to_replace
from annotation.added_places import added_answers
from annotation.models import Assignment, Judgment
from annotation.queries import agreement
from studies.models import Study, User
from tests.annotation.test_disputes import UP_TO_FIVE, say, settle, study_with
from tests.annotation.working import claim, rater, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    """Somebody who may do everything."""
    return User.objects.create(username="ada", is_superuser=True)


def test_others_are_asked_once_what_the_left_out_answered(ada: User) -> None:
    study = study_with(3, 1)
    who = rater(study, "w1")
    work(study, who, 2)
    exclude_rater(rater=who, reason="x", by=ada)

    assert ask_others(rater=who, by=ada) == 2
    assert ask_others(rater=who, by=ada) == 0
    assert len(work(study, rater(study, "w2"), 9)) == 3
    assert Assignment.objects.filter(state="free").count() == 0


def test_answers_in_their_stead_count_like_those_asked_for_at_first(ada: User) -> None:
    study = study_with(2, 2, **UP_TO_FIVE)
    for name in ("w1", "w2"):
        work(study, rater(study, name), 2)
    exclude_rater(rater=rater(study, "w1"), reason="x", by=ada)
    ask_others(rater=rater(study, "w1"), by=ada)
    work(study, rater(study, "w3"), 2)

    found = agreement(study=study, stage="response", raters="without_excluded", resamples=5)

    assert [(row["a"], row["b"], row["n"]) for row in found["pairs"]] == [("w2", "w3", 2)]
    assert found["added_answers"] == 0


def test_answers_in_an_added_places_stead_are_added(ada: User) -> None:
    study = study_with(1, 2, **UP_TO_FIVE)
    say(study, w1="1", w2="2")
    settle(study)
    say(study, w3="1")
    exclude_rater(rater=rater(study, "w3"), reason="x", by=ada)
    ask_others(rater=rater(study, "w3"), by=ada)
    say(study, w4="1")

    assert {name for _, name in added_answers(study, "response")} == {"w3", "w4"}


def test_nobody_is_asked_for_somebody_who_counts(ada: User) -> None:
    study = study_with(1, 1)
    assert claim(study, rater(study, "w1"))

    with pytest.raises(ValidationError, match="not left out"):
        ask_others(rater=rater(study, "w1"), by=ada)


def leave_out(study: Study, name: str, by: User) -> int:
    """Have others asked in somebody's stead."""
    exclude_rater(rater=rater(study, name), reason="x", by=by)
    return ask_others(rater=rater(study, name), by=by)


def erase(study: Study, name: str) -> None:
    """What erasing does to their answers and places."""
    person = rater(study, name).participant
    assert person
    Judgment.objects.filter(rater__participant=person).delete()
    vacate_places(participant=person)


def test_who_is_erased_is_not_made_good_twice(ada: User) -> None:
    study = study_with(1, 2)
    say(study, w1="1", w2="1")
    leave_out(study, "w1", ada)
    say(study, w3="1")

    erase(study, "w1")

    assert claim(study, rater(study, "w4")) is None
    assert leave_out(study, "w3", ada) == 1


def test_who_was_erased_in_a_row_of_three_leaves_the_others_in_it(ada: User) -> None:
    study = study_with(1, 1)
    say(study, w1="1")
    leave_out(study, "w1", ada)
    say(study, w2="1")
    leave_out(study, "w2", ada)

    erase(study, "w2")

    (free,) = Assignment.objects.filter(state="free")
    assert free.instead_of == Assignment.objects.get(rater__ref="w1")
    assert ask_others(rater=rater(study, "w1"), by=ada) == 0


def test_what_is_skipped_in_somebodys_stead_is_asked_once_more_not_twice(ada: User) -> None:
    study = study_with(1, 1)
    say(study, w1="1")
    leave_out(study, "w1", ada)
    place = claim(study, rater(study, "w2"))
    assert place
    skip_assignment(assignment_id=place.id, rater=place.rater, fence=place.fence, reason="no")

    assert ask_others(rater=rater(study, "w1"), by=ada) == 0
    erase(study, "w2")
    assert Assignment.objects.get(state="free").instead_of is not None


def test_tasks_are_made_good_in_one_order_for_whoever_asks(ada: User) -> None:
    study = study_with(8, 1)
    work(study, rater(study, "w1"), 8)

    tasks = [place.task_id for place in to_replace(rater(study, "w1"))]

    assert tasks == sorted(tasks)
