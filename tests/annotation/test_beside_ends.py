"""Nothing is asked beside where nothing else waits: the claim, the count and the door agree."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from annotation.actions.assignments import claim_first
from annotation.actions.beside import beside_place
from annotation.actions.disputes import settle_disputes
from annotation.duties import duties_in, duty_in, roles_of
from annotation.models import Assignment, Task
from studies.models import Study
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, expert, purposes, rater, work

pytestmark = pytest.mark.django_db


def full_study() -> Study:
    """All places of main tasks are answered; there is practice, gold and repeats."""
    known = gold(2, every=2, practice=1)
    study = study_with(4, gold=known, repeats={"every": 2, "after": 1})
    work(study, rater(study, "w1"), 20)
    return study


def test_who_comes_to_a_full_study_is_given_no_gold() -> None:
    study = full_study()
    late = rater(study, "late")
    assert late.participant

    assert claim(study, late) is None
    assert duties_in(participant=late.participant, rater=late) == []


def test_nothing_beside_comes_after_the_last_task() -> None:
    study = study_with(6, gold=gold(2, every=2), repeats={"every": 2, "after": 1})

    given = purposes(work(study, rater(study, "w1"), 30))

    assert given[-1] == "main"
    assert {"gold", "repeat"} <= set(given)


def test_an_expert_gets_practice_and_the_one_disagreement_and_no_more() -> None:
    study = study_with(
        2, places=2, gold=gold(1, practice=1), adjudication={"rules": ["disagreement"]}
    )
    sides = iter("12")
    for name in ("w1", "w2"):
        said = next(sides)
        while place := claim(study, rater(study, name)):
            turned = {"1": "2", "2": "1"}[said] if place.is_swapped else said
            answer(place, preference=turned)
    settle_disputes(study=study, stage="response", tasks=Task.objects.values_list("pk", flat=True))
    who, given = expert(study), []
    assert who.participant
    duty = duty_in(participant=who.participant, rater=who, stage="response")

    roles = roles_of(who.participant)
    while place := claim_first(study=study, stage="response", roles=roles, rater=who)[0]:
        answer(place, preference="1")
        given.append(place.purpose)

    assert (given, duty.total) == (["gold", "adjudication"], 2)


def test_gold_comes_where_only_a_place_whose_time_ran_out_waits() -> None:
    study = study_with(2, gold=gold(1, practice=1))
    slow = rater(study, "slow")
    work(study, slow, 1)
    claim(study, slow)
    Assignment.objects.filter(state="leased").update(lease_until=Now())

    assert purposes(work(study, rater(study, "w2"), 9)) == ["gold", "main"]


def test_whether_something_waits_is_looked_up_once_and_only_where_something_is_due() -> None:
    study = study_with(6, gold=gold(1, every=2))
    who = rater(study, "w1")
    costs = []
    for done in (4, 0):  # the one gold was given; from the fourth on more would be due
        work(study, who, done)
        study.document["stages"]["response"]["gold"]["every"] = 2 if done == 0 else 1000
        with CaptureQueriesContext(connection) as queries:
            assert beside_place(study=study, stage="response", role="peer", rater=who) is None
        costs.append(len(queries))

    assert costs == [1, 3]
