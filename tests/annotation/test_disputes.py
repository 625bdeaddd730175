"""Disagreement: what it is, one more place for it, and an expert where that is not enough."""

import threading
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from annotation.actions.disputes import settle_disputes
from annotation.actions.disputing import plan_disputes
from annotation.assigning import Spread
from annotation.disputes import Votes, do_disagree, is_disputed, majority
from annotation.models import Assignment, Judgment, Task, TaskItem
from annotation.rubrics.document import parse_rubric
from annotation.rubrics.loading import load_default
from annotation.rubrics.statistic import measurement
from studies.actions.consents import withdraw_consent
from studies.models import Study
from tests.annotation.judging import JUDGES, judged
from tests.annotation.working import answer, claim, expert, rater
from tests.generation.machine import work_off
from tests.samples import PREFERENCE, make_pairs, make_participant, make_study
from work.models import Job

SEVEN = measurement(parse_rubric(load_default("response")).question("preference"))
NOW = datetime(2030, 1, 1, tzinfo=UTC)
UP_TO_FIVE: dict[str, Any] = {"adaptive": {"up_to": 5}}
ROUTED: dict[str, Any] = {"adjudication": {"rules": ["no_majority"]}}


def study_with(count: int = 1, places: int = 2, about: bool = False, **section: Any) -> Study:
    """Pairs judged by so many peers."""
    stage = {"rubric": PREFERENCE, "overlap": {"peer": places}, **section}
    study = make_study(stages={"response": stage}, judges=JUDGES)
    make_pairs(study, count, make_participant(study, "owner") if about else None)
    return study


def say(study: Study, **by_rater: str) -> None:
    """Let each rater take one place and favour a response, whatever side it is on."""
    for name, value in by_rater.items():
        place = claim(study, rater(study, name))
        assert place
        shown = {"1": "2", "2": "1"}.get(value, value) if place.is_swapped else value
        answer(place, preference=shown)


def settle(study: Study) -> tuple[int, int]:
    """Look at all tasks; places added and items routed."""
    tasks = Task.objects.filter(study=study).values_list("pk", flat=True)
    outcome = settle_disputes(study=study, stage="response", tasks=tasks)
    return outcome.places_added, outcome.items_routed


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("no_majority", ["a", "a", "b"], False),
        ("no_majority", ["a", "b"], True),
        ("no_majority", ["a", "a", "b", "c"], True),
        ("disagreement", ["a", "a", "b"], True),
        ("disagreement", ["a", "a"], False),
        ("no_majority", ["a"], False),
    ],
)
def test_do_disagree_by_votes(rule: str, values: list[str], expected: bool) -> None:
    assert do_disagree(rule, values, SEVEN) is expected


def test_do_disagree_by_steps_of_the_scale_or_by_numbers() -> None:
    slider = {"key": "s", "kind": "slider", "scale": "interval", "min": 0, "max": 100, "step": 1}
    rubric = {"version": 1, "questions": [{**slider, "wording": {"peer": {"en": "?"}}}]}
    numbers = measurement(parse_rubric(rubric).question("s"))

    assert do_disagree(Spread(spread=2), ["first_much", "first_slightly"], SEVEN)
    assert not do_disagree(Spread(spread=2), ["first_much", "first_better"], SEVEN)
    assert do_disagree(Spread(spread=30), [10, 40.0], numbers)
    assert not do_disagree(Spread(spread=30), [10, 39], numbers)


def test_owner_against_peers_and_people_against_judges() -> None:
    votes = Votes(owner=["a"], peer=["b", "b"], expert=["a"], judges=["a", "a", "b"])

    assert majority(votes.others) == "b"
    assert is_disputed("owner_against_peers", votes, SEVEN)
    assert is_disputed("people_against_judges", votes, SEVEN)
    assert not is_disputed("owner_against_peers", Votes(owner=["a"], peer=["a", "b"]), SEVEN)
    assert not is_disputed("people_against_judges", Votes(owner=["a"], judges=["a"]), SEVEN)


@pytest.mark.django_db
def test_a_place_is_added_where_complete_answers_disagree() -> None:
    study = study_with(2, **UP_TO_FIVE)
    say(study, w1="1")

    assert settle(study) == (0, 0)
    say(study, w2="1", w3="1", w4="2")
    assert settle(study) == (1, 0)
    assert settle(study) == (0, 0)


@pytest.mark.django_db
def test_places_are_added_up_to_the_number_and_no_further() -> None:
    study = study_with(adaptive={"up_to": 4, "when": "disagreement"})
    say(study, w1="1", w2="2")

    added = []
    for name in ("w3", "w4"):
        added.append(settle(study)[0])
        say(study, **{name: "1"})

    assert (added, settle(study)) == ([1, 1], (0, 0))
    assert Assignment.objects.count() == 4
    assert len({place.is_swapped for place in Assignment.objects.all()}) == 2


@pytest.mark.django_db
def test_no_place_is_added_once_there_is_a_majority() -> None:
    study = study_with(**UP_TO_FIVE)
    say(study, w1="1", w2="2")
    settle(study)
    say(study, w3="1")

    assert settle(study) == (0, 0)


@pytest.mark.django_db
def test_what_stays_disputed_is_routed_once_after_the_last_place() -> None:
    study = study_with(adaptive={"up_to": 4}, **ROUTED)
    say(study, w1="1", w2="2")
    seen = [settle(study)]
    say(study, w3="tie")
    seen.append(settle(study))
    say(study, w4="2")

    assert [*seen, settle(study), settle(study)] == [(1, 0), (1, 0), (0, 1), (0, 0)]
    task = Task.objects.get(purpose="adjudication")
    (place,) = task.assignments.all()
    assert (place.role, place.state, place.purpose) == ("expert", "free", "adjudication")


@pytest.mark.django_db
def test_an_expert_decides_and_one_who_judged_it_before_does_not() -> None:
    study = study_with(**ROUTED)
    mine = expert(study, "w1")
    say(study, w1="1", w2="2")
    settle(study)

    assert claim(study, mine, role="expert") is None
    place = claim(study, expert(study, "x"), role="expert")
    assert place
    answer(place, preference="tie")
    place.refresh_from_db()
    assert (place.state, place.judgments.get().role) == ("done", "expert")
    assert settle(study) == (0, 0)


@pytest.mark.django_db
def test_what_its_owner_takes_back_is_not_routed() -> None:
    study = study_with(about=True, **ROUTED)
    say(study, w1="1", w2="2")
    owner = study.participants.get(ref="owner")
    withdraw_consent(participant=owner, scope="peers")

    assert settle(study) == (0, 0)


@pytest.mark.django_db
def test_the_sweeper_notices_within_one_tick_and_looks_only_at_what_is_new() -> None:
    study = study_with(2, **ROUTED)
    say(study, w1="1", w2="2")
    for _ in range(2):
        plan_disputes(NOW)
    planned = Job.objects.filter(kind="settle_disputes").count()
    work_off()
    first = Task.objects.filter(purpose="adjudication").count()
    say(study, w3="2", w4="1")
    plan_disputes(NOW)
    work_off()

    assert planned == 1
    assert first == 0
    assert Job.objects.filter(kind="settle_disputes").count() == 2
    assert Task.objects.filter(purpose="adjudication").count() == 2


@pytest.mark.django_db
def test_what_becomes_visible_after_what_was_finished_later_is_looked_at() -> None:
    study = study_with(2, **ROUTED)
    say(study, w1="1", w2="1", w3="2", w4="2")
    early, _late = Assignment.objects.order_by("finished_at")[2:]
    Assignment.objects.filter(pk=early.pk).update(state="leased", lease_until=NOW)
    plan_disputes(NOW)
    work_off()
    Assignment.objects.filter(pk=early.pk).update(state="done", lease_until=None)

    for _ in range(2):
        plan_disputes(NOW)
        work_off()

    assert Job.objects.filter(kind="settle_disputes").count() == 2
    assert Task.objects.filter(purpose="adjudication").count() == 2


@pytest.mark.django_db
def test_what_is_finished_is_told_by_the_databases_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_with(1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    say(study, w1="1")

    place = Assignment.objects.get(state="done")
    assert place.finished_at
    assert place.finished_at != NOW


@pytest.mark.django_db
@pytest.mark.parametrize("judges_first", [True, False])
def test_people_against_judges_are_noticed_whoever_comes_last(judges_first: bool) -> None:
    study = study_with(2, adjudication={"rules": ["people_against_judges"]})
    if judges_first:
        judged(study, "response", "rules")
    say(study, w1="1", w2="1", w3="1", w4="1")
    plan_disputes(NOW)
    work_off()
    if not judges_first:
        judged(study, "response", "rules")

    said = Judgment.objects.filter(role="llm").values_list("item", "answers__preference")
    votes: dict[Any, list[str]] = defaultdict(list)
    for item, value in said:
        votes[item].append(value)
    against = [item for item, values in votes.items() if majority(values) not in (None, "1")]
    routed = TaskItem.objects.filter(task__purpose="adjudication").values_list("item", flat=True)
    assert len(votes) == 2
    assert against
    assert set(routed) == set(against)


@pytest.mark.django_db
def test_a_study_without_rules_is_not_looked_at() -> None:
    study = study_with()
    say(study, w1="1", w2="2")

    plan_disputes(NOW)

    assert not Job.objects.filter(kind="settle_disputes").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("section", "expected"), [(UP_TO_FIVE, (3, 0)), (ROUTED, (0, 3))])
def test_settling_at_the_same_time_is_settling_once(
    section: dict[str, Any], expected: tuple[int, int]
) -> None:
    study = study_with(3, **section)
    say(study, w1="1", w2="2", w3="1", w4="2", w5="1", w6="2")
    found: list[tuple[int, int]] = []

    def look() -> None:
        try:
            found.append(settle(study))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(found) == 6
    assert tuple(map(sum, zip(*found, strict=True))) == expected
    assert Assignment.objects.filter(state="free").count() == 3
