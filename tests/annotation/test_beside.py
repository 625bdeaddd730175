"""Gold, attention checks and repeats: given in their turn, to one rater each, like all others."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.assignments import release_assignment, skip_assignment
from annotation.actions.beside import beside_place
from annotation.actions.leaving import vacate_places
from annotation.actions.tasks import open_tasks
from annotation.models import Assignment, Judgment, Task
from annotation.screens import screen_of
from studies.actions.consents import withdraw_consent
from studies.actions.studies import load_study
from studies.models import Study
from tests.annotation.working import answer, claim, purposes, rater, work
from tests.generation.machine import work_off
from tests.samples import (
    PREFERENCE,
    make_attribute,
    make_conversation,
    make_pairs,
    make_participant,
    make_study,
)

pytestmark = pytest.mark.django_db


def gold(count: int, **more: Any) -> dict[str, Any]:
    """The first requests as gold whose first response is right."""
    items = [
        {
            "prompt": f"q{n:04}",
            "responses": [f"q{n:04}-generic", f"q{n:04}-all"],
            "expected": {"preference": "1"},
        }
        for n in range(count)
    ]
    return {"items": items, **more}


def study_with(tasks: int = 30, places: int = 1, **section: Any) -> Study:
    """Pairs that are asked as tasks, but for those with known answers."""
    stage = {"rubric": PREFERENCE, "overlap": {"peer": places}, "seed": 1, **section}
    study = make_study(stages={"response": stage})
    make_pairs(study, tasks)
    return study


def test_open_tasks_opens_what_is_known_once_and_does_not_ask_it_for_its_own_sake() -> None:
    study = study_with(10, gold=gold(3, every=5))
    open_tasks(study=study, stage="response")

    assert Task.objects.filter(purpose="gold").count() == 3
    assert Task.objects.filter(purpose="main").count() == 7
    assert not Assignment.objects.filter(purpose="gold").exists()


def test_known_attributes_of_one_conversation_are_one_screen() -> None:
    items = [{"attribute": ref, "expected": {"accuracy": "accurate"}} for ref in ("a1", "a2")]
    stages = {"extraction": {"gold": {"every": 5, "items": items}, "missing": False}}
    study = make_study(stages=stages)
    conversation = make_conversation(make_participant(study), "I am vegan and live in Bonn.", "Ok.")
    for ref, quote in (("a1", "vegan"), ("a2", "Bonn"), ("a3", "live")):
        make_attribute(conversation, quote, quote, ref=ref)

    open_tasks(study=study, stage="extraction")

    golden = Task.objects.get(purpose="gold")
    assert (golden.conversation, golden.subject) == (conversation, conversation.participant)
    assert golden.task_items.count() == 2
    main = Task.objects.get(purpose="main")
    assert [row.item.attribute.ref for row in main.task_items.all() if row.item.attribute] == ["a3"]


def test_a_document_that_declares_gold_has_it_opened() -> None:
    study = study_with(4)
    document = study.document
    document["stages"]["response"]["gold"] = gold(1, every=5)
    load_study(document=document, by=None)

    work_off()

    assert Task.objects.filter(purpose="gold").count() == 1


def test_what_was_made_for_somebody_goes_with_them() -> None:
    study = study_with(8, gold=gold(1, practice=1), repeats={"every": 2, "after": 1})
    who = rater(study, "w1")
    work(study, who, 6)
    assert who.participant

    vacate_places(participant=who.participant)

    assert not Assignment.objects.exclude(purpose="main").exists()
    assert set(Task.objects.values_list("purpose", flat=True)) == {"main", "gold"}
    assert set(Assignment.objects.values_list("state", flat=True)) == {"free"}


def test_open_tasks_takes_up_a_corrected_answer() -> None:
    study = study_with(2, gold=gold(1, every=5))
    known = study.document["stages"]["response"]["gold"]["items"][0]
    known["expected"] = {"preference": ["2", "3"]}
    study.save()

    open_tasks(study=study, stage="response")

    (task,) = Task.objects.filter(purpose="gold")
    assert task.task_items.get().expected == {"preference": ["2", "3"]}


def test_gold_comes_once_in_each_stretch_of_a_raters_tasks() -> None:
    study = study_with(30, gold=gold(6, every=5))

    places = work(study, rater(study, "w1"), 24)

    golden = [n for n, purpose in enumerate(purposes(places)) if purpose == "gold"]
    mains = [n - index for index, n in enumerate(golden)]
    assert [number // 5 for number in mains] == list(range(len(mains)))
    assert len(mains) in (4, 5)


def test_gold_comes_at_the_same_points_when_drawn_again_and_at_others_for_others() -> None:
    study = study_with(60, places=3, gold=gold(6, every=5))
    seen = []
    for name in ("w1", "w2", "w3"):
        seen.append(purposes(work(study, rater(study, name), 20)))

    Judgment.objects.all().delete()
    Assignment.objects.exclude(purpose="main").delete()
    Assignment.objects.update(state="free", rater=None, lease_until=None)

    assert purposes(work(study, rater(study, "w1"), 20)) == seen[0]
    assert len({tuple(one) for one in seen}) > 1


def test_gold_is_never_given_twice_to_a_rater() -> None:
    study = study_with(20, gold=gold(2, every=2))
    places = work(study, rater(study, "w1"), 20)

    golden = [place.task_id for place in places if place.purpose == "gold"]

    assert len(golden) == len(set(golden)) == 2


def test_practice_comes_first() -> None:
    study = study_with(20, gold=gold(4, practice=2))

    places = work(study, rater(study, "w1"), 6)

    assert purposes(places) == ["gold", "gold", "main", "main", "main", "main"]


def test_one_gold_task_is_shared_by_all_and_its_sides_alternate() -> None:
    study = study_with(10, gold=gold(1, practice=1))

    places = [claim(study, rater(study, f"w{n}")) for n in range(4)]

    assert {place.task.purpose for place in places if place} == {"gold"}
    assert [place.place for place in places if place] == [1, 2, 3, 4]
    assert len({place.is_swapped for place in places[:2] if place}) == 2


def test_a_screen_of_gold_looks_like_all_others() -> None:
    study = study_with(3, gold=gold(1, practice=1))
    who = rater(study, "w1")
    first = claim(study, who)
    assert first
    shown = screen_of(first).as_json()
    answer(first, preference="1")
    second = claim(study, who)

    assert second
    other = screen_of(second).as_json()
    assert (shown.keys(), shown["items"][0].keys()) == (other.keys(), other["items"][0].keys())
    assert "gold" not in str(shown)


def test_a_repeat_shows_an_earlier_task_the_other_way_round() -> None:
    study = study_with(20, repeats={"every": 4, "after": 2})

    places = work(study, rater(study, "w1"), 15)

    repeats = [n for n, place in enumerate(places) if place.purpose == "repeat"]
    assert len(repeats) in (2, 3)
    for n in repeats:
        again = screen_of(places[n]).items[0].item
        (before,) = [m for m in range(n) if screen_of(places[m]).items[0].item == again]
        assert places[before].is_swapped != places[n].is_swapped
        assert n - before > 2


def test_repeats_gold_and_checks_do_not_count_for_n() -> None:
    checks = {**gold(1), "every": 3}
    study = study_with(8, repeats={"every": 3, "after": 1}, checks=checks)

    work(study, rater(study, "w1"), 30)

    states = Assignment.objects.filter(purpose="main").values_list("state", flat=True)
    assert list(states) == ["done"] * 7
    beside = list(Assignment.objects.exclude(purpose="main").values_list("purpose", flat=True))
    assert beside.count("check") == 1
    assert beside.count("repeat") in (2, 3)


@pytest.mark.parametrize("act", ["release", "skip"])
def test_a_place_beside_that_is_given_back_is_nobody_elses(act: str) -> None:
    study = study_with(2, gold=gold(1, practice=1))
    place = claim(study, rater(study, "w1"))
    assert place
    give_back = release_assignment if act == "release" else skip_assignment
    give_back(assignment_id=place.id, rater=place.rater, fence=place.fence, reason="no")

    assert not Assignment.objects.filter(state="free", purpose="gold").exists()
    after = claim(study, rater(study, "w1"))
    assert after
    assert after.purpose == "main"


def test_a_place_beside_is_not_taken_over_when_its_time_runs_out() -> None:
    study = study_with(2, gold=gold(1, practice=1), lease_minutes=0.00001)
    place = claim(study, rater(study, "w1"))
    other = claim(study, rater(study, "w2"))

    assert place
    assert other
    assert place.pk != other.pk
    assert Assignment.objects.filter(purpose="gold").count() == 2


def test_what_is_not_due_costs_one_query() -> None:
    study = study_with(4, gold=gold(1, every=1000))
    who = rater(study, "w1")

    with CaptureQueriesContext(connection) as queries:
        assert beside_place(study=study, stage="response", role="peer", rater=who) is None

    assert len(queries.captured_queries) == 1


def test_nothing_about_who_takes_it_back_is_repeated_or_gold() -> None:
    stage = {"rubric": PREFERENCE, "overlap": {"peer": 1}, "seed": 1}
    beside = {"gold": gold(2, every=2), "repeats": {"every": 2, "after": 1}}
    study = make_study(stages={"response": {**stage, **beside}})
    owner = make_participant(study, "owner")
    make_pairs(study, 12, owner)
    places = work(study, rater(study, "w1"), 6)
    withdraw_consent(participant=owner, scope="peers")

    assert {"gold", "repeat"} & set(purposes(places))
    assert claim(study, rater(study, "w1")) is None


def test_a_study_that_asks_nothing_beside_costs_no_query() -> None:
    study = study_with(1)
    who = rater(study, "w1")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert beside_place(study=study, stage="response", role="peer", rater=who) is None

    assert not queries.captured_queries


def known_later(study: Study) -> Study:
    """The first pair becomes gold when it is open already."""
    document = study.document
    document["stages"]["response"]["gold"] = gold(1, practice=1, feedback=True)
    study = load_study(document=document, by=None)
    open_tasks(study=study, stage="response")
    return study


def test_gold_named_later_is_asked_for_its_own_sake_no_more() -> None:
    study = study_with(3)
    open_tasks(study=study, stage="response")

    done = work(known_later(study), rater(study, "w1"), count=9)

    assert [place.purpose for place in done] == ["gold", "main", "main"]
    assert len({place.task.prompt_id for place in done}) == 3


def test_gold_that_somebody_began_for_its_own_sake_waits_until_that_is_done() -> None:
    study = study_with(2, places=2)
    open_tasks(study=study, stage="response")
    work(study, rater(study, "w1"), count=2)
    study = known_later(study)

    second = work(study, rater(study, "w2"), count=9)
    freed = Assignment.objects.filter(rater=rater(study, "w2"), task__prompt__ref="q0001")
    freed.update(state="free", rater=None, finished_at=None)
    third = work(study, rater(study, "w3"), count=9)

    assert [place.purpose for place in second] == ["main", "main"]
    assert [place.purpose for place in third] == ["gold", "main"]
