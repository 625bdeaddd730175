"""How far a study is: counted now, and for large studies by the sweeper."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoCaptureOnCommitCallbacks

from annotation import counting
from annotation.actions import tallies
from annotation.actions.raters import external_rater
from annotation.counting import standing
from annotation.models import Assignment, Judgment, Tally
from studies.models import Study
from tests.annotation.judged import judged_pairs
from tests.samples import pairwise_study

pytestmark = pytest.mark.django_db

TICK = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def study() -> Study:
    return pairwise_study(3, places=1)


def finish_one(study: Study, **changes: str) -> None:
    """One place, as if it had been answered."""
    place = Assignment.objects.filter(study=study, state="free")[0]
    rater = external_rater(study=study, name="w1")
    Assignment.objects.filter(pk=place.pk).update(**{"state": "done", "rater": rater, **changes})


def test_a_small_study_is_counted_at_every_visit(study: Study) -> None:
    finish_one(study)

    (row,) = standing(study).progress

    assert (row["planned"], row["done"], standing(study).counted_at) == (3, 1, None)


def test_a_large_study_is_counted_by_the_sweeper(
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(counting, "LARGE", 2)
    tallies.find_large_studies(TICK)
    finish_one(study)
    before = standing(study)
    Tally.objects.update(due_at=Now())

    with django_capture_on_commit_callbacks(execute=True):
        tallies.count_large_studies(TICK)

    assert [before.progress[0]["done"], standing(study).progress[0]["done"]] == [0, 1]
    assert before.counted_at is not None


def test_a_small_study_gets_no_tally(study: Study) -> None:
    tallies.find_large_studies(TICK)

    assert not Tally.objects.exists()


def test_a_study_in_which_nothing_happens_is_counted_more_and_more_rarely(study: Study) -> None:
    apart = [tallies.count(study).seconds_apart for _ in range(6)]

    assert apart == [20, 40, 80, 160, 300, 300]


def test_a_study_is_due_again_after_a_while(study: Study) -> None:
    tally = tallies.count(study)

    assert tally.due_at - tally.counted_at == timedelta(seconds=tallies.TICK_SECONDS)


def test_both_ways_of_counting_give_the_same() -> None:
    study = judged_pairs()
    now = standing(study)
    tallies.count(study)
    kept = standing(study)

    assert (kept.progress, kept.unusable, kept.cost) == (now.progress, now.unusable, now.cost)
    assert now.unusable == [("llm:top:0123abcd", 1)]
    assert Judgment.objects.filter(study=study, is_usable=False).count() == 1


def test_gold_is_counted_beside_what_was_planned(study: Study) -> None:
    finish_one(study, purpose="gold")

    (row,) = standing(study).progress

    assert (row["planned"], row["done"], row["beside"]) == (2, 0, 1)


def test_a_lapsed_place_is_not_planned(study: Study) -> None:
    finish_one(study, state="lapsed")

    (row,) = standing(study).progress

    assert (row["planned"], row["lapsed"]) == (2, 1)
