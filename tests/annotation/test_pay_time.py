"""What judging counts for people's pay."""

import pytest

from annotation.actions.assignments import claim_next, skip_assignment
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.models import Assignment, Rater
from annotation.pay_time import paid_tasks, seconds_of
from annotation.screens import screen_of
from studies.models import Study
from tests.samples import pairwise_study

count = paid_tasks("response")


@pytest.fixture
def study(db: None) -> Study:
    """Two pairs to compare."""
    return pairwise_study(2)


def place_of(rater: Rater) -> Assignment:
    """The next place of the rater."""
    place = claim_next(study=rater.study, stage="response", role="peer", rater=rater)
    assert place is not None
    return place


def judge(rater: Rater, seconds: float | None) -> None:
    """Compare one pair in so much time."""
    place = place_of(rater)
    (shown,) = screen_of(place).items
    entry = Entry(item=shown.ref, answers={"preference": "1"}, seconds=seconds)
    submit_assignment(assignment_id=place.id, rater=rater, fence=place.fence, entries=[entry])


def test_seconds_are_added_up_by_person(study: Study) -> None:
    one, other = (external_rater(study=study, name=name) for name in ("one", "other"))
    judge(one, 12.5)
    judge(one, 30)
    judge(other, None)

    people = [rater.participant_id for rater in (one, other) if rater.participant_id]

    assert seconds_of(people) == {one.participant_id: 42.5}
    assert seconds_of([]) == {}


def test_ordinary_skip_is_not_paid(study: Study) -> None:
    rater = external_rater(study=study, name="one")
    place = place_of(rater)
    skip_assignment(assignment_id=place.id, rater=rater, fence=place.fence, reason="broken")
    judge(rater, 1)

    assert rater.participant is not None
    assert count(rater.participant) == 1
