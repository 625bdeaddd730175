"""Places added because answers disagree: they decide, and do not move figures of agreement."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from annotation.actions.assignments import skip_assignment
from annotation.added_places import added_answers
from annotation.choices import Purpose
from annotation.models import Assignment
from annotation.quality.reading import read
from annotation.queries import agreement, material_of, question_of, rubric_in_force
from studies.models import Study
from tests.annotation.test_disputes import UP_TO_FIVE, say, settle, study_with
from tests.annotation.working import claim, rater

pytestmark = pytest.mark.django_db
AMONG_PEOPLE = ("items", "alpha", "alpha_of", "fleiss_kappa", "fleiss_of", "groups", "effects")


def half_disputed(count: int = 4) -> Study:
    """On every second pair the two peers disagree."""
    study = study_with(count, 2, **UP_TO_FIVE)
    for number in range(count):
        one = "12"[number // 2 % 2]
        say(study, w1=one, w2=one if number % 2 else {"1": "2", "2": "1"}[one])
    return study


def figures(study: Study) -> dict[str, Any]:
    return agreement(study=study, stage="response", resamples=20)


def test_figures_among_people_stay_when_disputed_items_get_more_answers() -> None:
    study = half_disputed()
    before = figures(study)
    assert settle(study) == (2, 0)
    say(study, w3="1")
    say(study, w3="1")

    after = figures(study)

    assert {name: after[name] for name in AMONG_PEOPLE} == {
        name: before[name] for name in AMONG_PEOPLE
    }
    assert [row["n"] for row in after["pairs"]] == [4]
    assert (before["added_answers"], after["added_answers"]) == (0, 2)


def test_added_answers_decide_the_majority() -> None:
    study = half_disputed(2)
    settle(study)
    assert figures(study)["no_reference"] == 1
    say(study, w3="1")

    assert figures(study)["no_reference"] == 0


def names_of_added(study: Study) -> set[str]:
    return {name for _, name in added_answers(study, "response")}


def pass_on(study: Study, name: str) -> None:
    """Let a rater skip a place."""
    place = claim(study, rater(study, name))
    assert place
    assert place.rater
    skip_assignment(assignment_id=place.pk, rater=place.rater, fence=place.fence, reason="odd")


def test_what_is_opened_in_a_skipped_places_stead_is_added_if_that_was() -> None:
    study = study_with(1, 2, **UP_TO_FIVE)
    say(study, w1="1")
    pass_on(study, "w2")
    say(study, w3="2")
    assert added_answers(study, "response") == frozenset()
    settle(study)
    pass_on(study, "w4")
    say(study, w5="2")

    assert names_of_added(study) == {"w5"}


@pytest.mark.parametrize(("asked", "up_to"), [(3, 5), (1, 3)])
def test_added_answers_stay_so_whatever_the_study_asks_for_later(asked: int, up_to: int) -> None:
    study = study_with(1, 2, **UP_TO_FIVE)
    say(study, w1="1", w2="2")
    settle(study)
    say(study, w3="1")
    before = figures(study)

    section = study.document["stages"]["response"]
    section |= {"overlap": {"peer": asked}, "adaptive": {"up_to": up_to}}
    study.save()

    assert names_of_added(study) == {"w3"}
    assert figures(study) == before
    del section["adaptive"]
    study.save()
    assert figures(study) == before


def test_signals_about_raters_know_which_of_their_answers_were_added() -> None:
    study = study_with(1, 2, **UP_TO_FIVE)
    say(study, w1="1", w2="2")
    settle(study)
    say(study, w3="1")

    found = read(study)

    [sheet] = found.record.sheets
    named = {found.people.raters[code].ref for code in sheet.table.rater[sheet.is_added]}
    assert named == {"w3"}


def test_a_place_is_added_neither_to_an_owner_nor_to_what_is_known() -> None:
    study = study_with(1, 2)
    places = Assignment.objects.filter(study=study, place=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        places.update(is_added=True, purpose=Purpose.GOLD)

    assert places.update(is_added=True) == 1


def test_two_raters_meet_where_their_figures_count_and_the_majority_everywhere() -> None:
    study = half_disputed(2)
    settle(study)
    say(study, w3="1")
    material = material_of(study, "response")
    asked = question_of(rubric_in_force(study, "response"))

    assert material.crossed(asked, "w1", "w3").total == 0
    # The place that was added turned the majority of the others into a tie for who said the same.
    found = [material.crossed(asked, name, "majority").total for name in ("w1", "w2")]
    assert sorted(found) == [1, 2]
