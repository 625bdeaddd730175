"""Exactly N judgments per item, whoever asks at the same time."""

import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater
from annotation.actions.tasks import open_tasks
from annotation.models import Assignment, Judgment, Rater
from annotation.screens import screen_of
from studies.models import Study
from tests.samples import pairwise_study
from tests.services import on_sqlite

TASKS, PLACES = 120, 3
# SQLite lets one write at a time and queues the others unfairly.
THREADS = 12 if on_sqlite() else 50

pytestmark = pytest.mark.django_db(transaction=True)


def judge_until_nothing_is_left(study: Study, rater: Rater) -> None:
    """Ask and submit like one rater's program."""
    while place := claim_next(study=study, stage="response", role="peer", rater=rater):
        (shown,) = screen_of(place).items
        submit_assignment(
            assignment_id=place.id,
            rater=rater,
            fence=place.fence,
            entries=[Entry(item=shown.ref, answers={"preference": "1"})],
        )
        # As after each visit of the site: others wait for one of the pool's connections, too.
        if not on_sqlite():
            connection.close()


def run_together(study: Study, raters: list[Rater]) -> list[BaseException]:
    """Let all raters begin at one moment; what went wrong in their threads."""
    barrier, faults = threading.Barrier(len(raters)), []

    def work(rater: Rater) -> None:
        try:
            barrier.wait(30)
            judge_until_nothing_is_left(study, rater)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(rater,)) for rater in raters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return faults


def test_raters_at_once_fill_each_place_exactly_once() -> None:
    study = pairwise_study(TASKS, PLACES)
    raters = [external_rater(study=study, name=f"w{n}") for n in range(THREADS)]

    faults = run_together(study, raters)

    per_item = Counter(Judgment.objects.values_list("item", flat=True))
    assert (faults, Judgment.objects.count()) == ([], TASKS * PLACES)
    assert set(per_item.values()) == {PLACES}
    pairs = Judgment.objects.values_list("item", "rater")
    assert len(set(pairs)) == TASKS * PLACES
    assert set(Assignment.objects.values_list("state", flat=True)) == {"done"}


def test_one_rater_clicking_twice_at_once_holds_one_place() -> None:
    study = pairwise_study(20)
    rater = external_rater(study=study, name="w1")
    barrier = threading.Barrier(8)

    def click() -> None:
        barrier.wait(30)
        claim_next(study=study, stage="response", role="peer", rater=rater)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Assignment.objects.filter(state="leased").count() == 1


def test_what_is_asked_beside_leaves_n_exact_when_all_begin_at_once() -> None:
    study = pairwise_study(13, places=2)
    section = study.document["stages"]["response"]
    known = {"prompt": "q0000", "responses": ["q0000-generic", "q0000-all"]}
    section["gold"] = {"practice": 1, "items": [{**known, "expected": {"preference": "1"}}]}
    section["repeats"] = {"every": 3, "after": 1}
    study.save()
    open_tasks(study=study, stage="response")  # reserves the one that is known
    raters = [external_rater(study=study, name=f"w{n}") for n in range(8)]

    faults = run_together(study, raters)

    assert faults == []
    places = Counter(Assignment.objects.values_list("purpose", "state"))
    assert places["main", "done"] == 24
    assert {state for _, state in places} == {"done"}
    # Who comes when nothing waits any more is asked nothing beside either.
    golden = Assignment.objects.filter(purpose="gold").values_list("place", "rater")
    assert sorted(place for place, _ in golden) == list(range(1, places["gold", "done"] + 1))
    working = Assignment.objects.filter(purpose="main").values_list("rater", flat=True)
    assert {rater for _, rater in golden} >= set(working)


def test_a_reload_while_a_draft_is_stored_waits_for_the_same_place() -> None:
    """Another place would be a second one for the same rater, beyond their quota."""
    study = pairwise_study(count=3)
    rater = external_rater(study=study, name="w1")
    held = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert held
    locked = threading.Event()

    def store_a_draft() -> None:
        with transaction.atomic():  # keeps the place locked for a moment
            Assignment.objects.select_for_update().get(pk=held.pk)
            locked.set()
            time.sleep(0.2)
        connection.close()

    storing = threading.Thread(target=store_a_draft)
    storing.start()
    locked.wait(10)
    again = claim_next(study=study, stage="response", role="peer", rater=rater)
    storing.join(10)
    assert again == held
