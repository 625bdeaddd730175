"""A large run is written a portion at a time; whatever others do in between, nothing is lost."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation.actions.runs import plan_run
from llm.actions.endpoints import baseline_endpoint
from studies.models import Study
from tests.samples import make_conversation, make_participant
from work.actions import portions
from work.actions.runs import cancel_run, start
from work.models import Job, Run

pytestmark = pytest.mark.django_db
JOBS = 5


@pytest.fixture
def study(study: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Five conversations, of which two are planned at once."""
    monkeypatch.setattr(portions, "JOBS_AT_ONCE", 2)
    person = make_participant(study)
    for number in range(JOBS):
        make_conversation(person, "I am vegan.", ref=f"c{number}")
    return study


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something done after the first portion, and only then."""

    def have_done(act: Callable[[], object]) -> None:
        acts = [act]
        monkeypatch.setattr(portions, "_let_others_write", lambda: acts and acts.pop()())

    return have_done


def planned(study: Study, *, starts: bool = False) -> Run:
    return plan_run(
        study=study, stage="extraction", endpoint=baseline_endpoint(), by="test", starts=starts
    )


def jobs_by_run() -> list[tuple[str, str]]:
    return sorted(set(Job.objects.values_list("run__state", "state")))


def test_portions_stand_one_behind_the_other(study: Study) -> None:
    run = planned(study, starts=True)

    ranks = sorted(run.jobs.values_list("rank", flat=True))
    assert ranks == list(range(ranks[0], ranks[0] + JOBS))
    assert (run.state, jobs_by_run()) == ("running", [("running", "ready")])
    assert run.started_at is not None


def test_nothing_is_let_go_before_all_is_there(
    study: Study, once: Callable[[Callable[[], object]], None]
) -> None:
    seen: list[tuple[str, str]] = []
    once(lambda: seen.extend(jobs_by_run()))

    planned(study, starts=True)

    assert seen == [("planned", "held")]


@pytest.mark.parametrize("starts", [False, True])
def test_two_who_plan_the_same_at_once_make_one_run(
    study: Study, once: Callable[[Callable[[], object]], None], starts: bool
) -> None:
    once(lambda: planned(study))

    run = planned(study, starts=starts)

    assert list(Run.objects.all()) == [run]
    assert run.jobs.count() == JOBS


def test_who_comes_second_is_given_the_run_that_was_started(
    study: Study, once: Callable[[Callable[[], object]], None]
) -> None:
    once(lambda: planned(study, starts=True))

    run = planned(study)

    assert list(Run.objects.values_list("pk", "state")) == [(run.pk, "running")]
    assert run.jobs.filter(state="ready").count() == JOBS


def test_run_that_is_started_meanwhile_gets_the_rest(
    study: Study, once: Callable[[Callable[[], object]], None]
) -> None:
    once(lambda: start(run=Run.objects.get()))

    planned(study)

    assert jobs_by_run() == [("running", "ready")]


def test_run_that_is_cancelled_meanwhile_stays_so(
    study: Study, once: Callable[[Callable[[], object]], None]
) -> None:
    once(lambda: cancel_run(run=Run.objects.get(), by="ada"))

    planned(study, starts=True)

    assert jobs_by_run() == [("cancelled", "cancelled")]


def test_plan_that_was_left_half_way_is_taken_over(
    study: Study, once: Callable[[Callable[[], object]], None]
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    once(die)
    with pytest.raises(KeyboardInterrupt):
        planned(study)

    run = planned(study, starts=True)

    assert run.jobs.filter(state="ready").count() == Job.objects.count() == JOBS


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_longer_than_a_portion(study: Study) -> None:
    with CaptureQueriesContext(connection) as queries:
        planned(study)

    said = [query["sql"] for query in queries]
    inserts = [number for number, sql in enumerate(said) if 'INTO "work_job"' in sql]
    ends = [number for number, sql in enumerate(said) if sql == "COMMIT"]
    assert all(any(first < end < second for end in ends) for first, second in pairwise(inserts))
    assert len(inserts) == 3
