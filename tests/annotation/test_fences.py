"""What is said of an answer under another number than its place's: three different things."""

import pytest

from annotation.actions.assignments import claim_next, release_assignment, skip_assignment
from annotation.actions.judgments import submit_assignment
from annotation.actions.leaving import give_back_places
from annotation.actions.raters import external_rater
from annotation.errors import NotYours, StaleFence
from annotation.models import Assignment, Judgment, Rater
from studies.models import Study
from tests.samples import pairwise_study

pytestmark = pytest.mark.django_db

AGAIN = "This task was given out again; your answer came too late."
NOBODY = "This task was given back or its time ran out, and nobody has it now."
NEVER = "This task was never given out under that number; nothing was stored."
SKIPPED = "This task was skipped; nothing was stored."


@pytest.fixture
def study() -> Study:
    """One pair, for one peer."""
    return pairwise_study(1, places=1)


def claimed(study: Study, name: str) -> Assignment:
    rater = external_rater(study=study, name=name)
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place
    return place


def refusal_of(place: Assignment, rater: Rater | None, fence: int) -> str:
    """What is said to an answer of the rater, or of a program in the holder's stead."""
    with pytest.raises((StaleFence, NotYours)) as refused:
        submit_assignment(assignment_id=place.pk, rater=rater, fence=fence, entries=[])
    assert not Judgment.objects.exists()
    return str(refused.value)


def test_who_gave_a_place_back_is_told_that_nobody_has_it(study: Study) -> None:
    place = claimed(study, "w1")
    rater = place.rater
    release_assignment(assignment_id=place.pk, rater=rater, fence=1)

    assert [refusal_of(place, who, 1) for who in (rater, None)] == [NOBODY, NOBODY]


def test_who_left_is_told_that_nobody_has_their_place(study: Study) -> None:
    place = claimed(study, "w1")
    assert place.rater
    assert place.rater.participant
    give_back_places(participant=place.rater.participant)

    assert refusal_of(place, place.rater, 1) == NOBODY


def test_an_older_number_is_told_that_the_place_was_given_out_again(study: Study) -> None:
    place = claimed(study, "w1")
    release_assignment(assignment_id=place.pk, rater=place.rater, fence=1)

    again = claimed(study, "w1")

    assert (again.pk, again.fence) == (place.pk, 2)
    assert [refusal_of(place, who, 1) for who in (again.rater, None)] == [AGAIN, AGAIN]


@pytest.mark.parametrize("fence", [-1, 0, 2, 2**40])
def test_a_number_that_never_was_is_told_so(study: Study, fence: int) -> None:
    place = claimed(study, "w1")

    assert [refusal_of(place, who, fence) for who in (place.rater, None)] == [NEVER, NEVER]
    with pytest.raises(StaleFence, match=NEVER):
        release_assignment(assignment_id=place.pk, rater=place.rater, fence=fence)


def test_a_skipped_place_is_told_so(study: Study) -> None:
    place = claimed(study, "w1")
    skip_assignment(assignment_id=place.pk, rater=place.rater, fence=1, reason="I know them.")

    assert refusal_of(place, place.rater, 1) == SKIPPED


def test_a_free_place_of_another_study_is_not_told_from_none(study: Study) -> None:
    place = claimed(study, "w1")
    release_assignment(assignment_id=place.pk, rater=place.rater, fence=1)

    stranger = external_rater(study=pairwise_study(1, slug="another"), name="w1")

    assert "not yours, or its time ran out" in refusal_of(place, stranger, 1)
