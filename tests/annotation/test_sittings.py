"""How much somebody answered since their last break, by what is stored."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from annotation.models import Judgment, Rater
from annotation.sittings import answered_since_break, last_answered_at
from tests.annotation.working import rater, work
from tests.samples import pairwise_study

pytestmark = pytest.mark.django_db


def answered(*minutes_ago: float) -> Rater:
    """Somebody who answered so many tasks, at these times."""
    who = rater(pairwise_study(len(minutes_ago), places=1), "w1")
    for place, ago in zip(work(who.study, who, len(minutes_ago)), minutes_ago, strict=True):
        at = Now() - timedelta(minutes=ago)
        Judgment.objects.filter(assignment=place).update(submitted_at=at)
    return who


def since_break(who: Rater, most: int = 20) -> int:
    return answered_since_break(rater=who, stage="response", most=most)


@pytest.mark.parametrize(
    ("minutes_ago", "count"),
    [
        ((), 0),
        ((3, 2, 1), 3),
        ((40, 15, 2), 2),
        ((50, 45, 40), 0),
    ],
)
def test_whoever_was_away_for_long_begins_anew(minutes_ago: tuple[float, ...], count: int) -> None:
    assert since_break(answered(*minutes_ago)) == count


def test_no_more_is_counted_than_asked_for() -> None:
    assert since_break(answered(3, 2, 1), most=2) == 2


def test_what_was_answered_before_going_on_does_not_count() -> None:
    who = answered(9, 6, 3)
    begun = Judgment.objects.order_by("submitted_at")[1].submitted_at

    found = answered_since_break(rater=who, stage="response", most=20, after=begun)

    assert found == 1
    latest = Judgment.objects.latest("submitted_at").submitted_at
    assert last_answered_at(rater=who, stage="response") == latest


def test_answers_of_others_and_changed_ones_do_not_count() -> None:
    who = answered(2, 1)
    row = Judgment.objects.all()[0]
    row.pk, row.ref, row.revision = None, "again", 2
    row.save(force_insert=True)

    assert since_break(who) == 2
    assert since_break(rater(who.study, "w2")) == 0
    assert last_answered_at(rater=rater(who.study, "w2"), stage="response") is None


def test_times_ahead_of_the_clock_are_no_break() -> None:
    who = answered(1)
    Judgment.objects.update(submitted_at=F("submitted_at") + timedelta(hours=1))

    assert since_break(who) == 1
