"""Answers that stay as they were given: told gold, and what is asked a second time."""

import pytest

from annotation.actions.assignments import skip_assignment
from annotation.actions.changing import change_answers
from annotation.actions.judgments import Entry
from annotation.earlier import earlier_places, is_final
from annotation.errors import NotYours
from annotation.models import Assignment, Rater
from annotation.practice import was_told
from annotation.screens import screen_of
from studies.models import Study
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, rater, work

pytestmark = pytest.mark.django_db


def listed(who: Rater) -> list[Assignment]:
    """What they may change, in the order they answered it."""
    return list(reversed(earlier_places(who)))


@pytest.mark.parametrize(
    ("section", "count"),
    [
        ({"every": 2, "practice": 1}, 1),
        ({"every": 2, "practice": 1, "feedback": True}, 4),
        ({"every": 2}, 0),
    ],
)
def test_told_is_practice_alone_unless_all_gold_is(section: dict[str, object], count: int) -> None:
    study = study_with(12, gold=gold(4, **section))
    who = rater(study, "w1")
    done = work(study, who, 12)

    told = [place for place in done if was_told(place)]

    assert told == [place for place in done if place.purpose == "gold"][:count]
    assert listed(who) == [place for place in done if place not in told]


def until_repeat(study: Study, who: Rater) -> tuple[Assignment, Assignment]:
    """They answer until they hold a repeat: the first time, and the repeat."""
    while (place := claim(study, who)) and place.purpose != "repeat":
        answer(place, preference="1")
    assert place
    return Assignment.objects.get(rater=who, task__ref=place.task.extra["repeats"]), place


def test_what_is_asked_again_is_listed_once_and_not_meanwhile() -> None:
    study = study_with(12, repeats={"every": 4, "after": 2})
    who = rater(study, "w1")
    first, again = until_repeat(study, who)

    meanwhile = listed(who)
    answer(again, preference="2")

    assert first not in meanwhile
    assert listed(who) == [*meanwhile, again]


@pytest.mark.parametrize("is_held", [True, False])
def test_the_first_answer_cannot_be_made_the_second_one(is_held: bool) -> None:
    study = study_with(12, repeats={"every": 4, "after": 2})
    who = rater(study, "w1")
    first, again = until_repeat(study, who)
    if not is_held:
        answer(again, preference="2")
    (item,) = screen_of(first).items
    said = [Entry(item=item.ref, answers={"preference": "2"})]

    with pytest.raises(NotYours):
        change_answers(assignment_id=first.pk, rater=who, entries=said, known=1)
    assert first.judgments.count() == 1


def test_who_skips_a_repeat_may_change_the_first_answer_again() -> None:
    study = study_with(12, repeats={"every": 4, "after": 2})
    who = rater(study, "w1")
    first, again = until_repeat(study, who)

    skip_assignment(assignment_id=again.pk, rater=who, fence=again.fence, reason="no")

    assert first in listed(who)
    assert not is_final(first)
