"""What waits for a person: counted per task, in the roles that they have."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from annotation import queries
from annotation.actions.assignments import claim_next
from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import open_tasks
from annotation.duties import Duty, duties_in, duty_in, open_duties, pace_of, roles_of
from annotation.models import Assignment, Judgment
from studies.models import Participant
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim
from tests.samples import close_studies, make_participant, make_study, pairwise_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer() -> Participant:
    """A rater in a study of 4 tasks with 3 places each."""
    return make_participant(pairwise_study(4), "peer")


def test_places_of_one_task_count_once(peer: Participant) -> None:
    duties = duties_in(participant=peer, rater=rater_for_participant(peer))

    assert duties == [Duty(peer.study, "response", done=0, waiting=4)]


def test_held_place_waits_and_done_one_counts(peer: Participant) -> None:
    rater = rater_for_participant(peer)
    place = claim_next(study=peer.study, stage="response", role="peer", rater=rater)
    held = duties_in(participant=peer, rater=rater)
    Assignment.objects.filter(pk__in=[place.pk] if place else []).update(
        state="done", lease_until=None
    )

    assert held == [Duty(peer.study, "response", done=0, waiting=4)]
    assert duties_in(participant=peer, rater=rater) == [Duty(peer.study, "response", 1, 3)]


def taken_by_others(peer: Participant, ends: timedelta) -> None:
    """One place per task, each held by somebody else until then."""
    other = rater_for_participant(make_participant(peer.study, "other"))
    Assignment.objects.exclude(place=1).delete()
    Assignment.objects.update(state="leased", rater=other, lease_until=Now() + ends)


@pytest.mark.parametrize(("minutes", "waiting"), [(-1, 4), (5, 0)])
def test_places_wait_once_their_lease_ran_out(
    peer: Participant, minutes: int, waiting: int
) -> None:
    taken_by_others(peer, timedelta(minutes=minutes))

    duties = duties_in(participant=peer, rater=rater_for_participant(peer))

    assert [duty.waiting for duty in duties] == ([waiting] if waiting else [])
    assert [duty.study for duty in open_duties([peer])] == ([peer.study] if waiting else [])


def test_what_was_made_for_one_rater_waits_for_nobody_else(peer: Participant) -> None:
    taken_by_others(peer, timedelta(minutes=-1))
    Assignment.objects.update(purpose="repeat")

    assert duties_in(participant=peer, rater=rater_for_participant(peer)) == []


def test_own_place_whose_lease_ran_out_counts_once(peer: Participant) -> None:
    rater = rater_for_participant(peer)
    claim_next(study=peer.study, stage="response", role="peer", rater=rater)
    Assignment.objects.filter(rater=rater).update(lease_until=Now() - timedelta(minutes=1))

    assert duties_in(participant=peer, rater=rater) == [Duty(peer.study, "response", 0, 4)]


def test_what_nobody_counted_has_no_total(
    peer: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LONGEST_QUEUE_COUNTED", 1_000_000)

    assert Duty(peer.study, "response", done=2, waiting=1_000).total is None
    assert Duty(peer.study, "response", done=2, waiting=3).total == 5


def test_experts_are_served_as_experts_before_peers(peer: Participant) -> None:
    peer.is_expert = True

    assert roles_of(peer) == ("owner", "expert", "peer")


def test_open_duties_leave_out_closed_and_finished_studies(peer: Participant) -> None:
    empty = make_participant(make_study("empty"), "peer")
    for person in (peer, empty):
        rater_for_participant(person)

    assert [duty.study for duty in open_duties([peer, empty])] == [peer.study]
    close_studies()
    assert open_duties([peer, empty]) == []


def test_open_duties_cost_two_queries(peer: Participant) -> None:
    from django.db import connection

    rater_for_participant(peer)
    with CaptureQueriesContext(connection) as counted:
        open_duties([peer])

    assert len(counted) == 2


def test_pace_is_told_after_two_tasks(peer: Participant) -> None:
    rater = rater_for_participant(peer)
    assert pace_of(rater, "response") is None

    for seconds in (10.0, 30.0):
        place = claim_next(study=peer.study, stage="response", role="peer", rater=rater)
        assert place is not None
        Assignment.objects.filter(pk=place.pk).update(state="done", lease_until=None)
        Judgment.objects.create(
            study=peer.study,
            stage="response",
            item=place.task.task_items.get().item,
            task=place.task,
            rater=rater,
            role="peer",
            assignment=place,
            rubric_version=1,
            answers={},
            seconds=seconds,
        )

    assert pace_of(rater, "response") == 20.0


def test_total_is_the_same_from_the_first_task_to_the_last() -> None:
    """A total that grew at gold, checks and repeats would tell them from the others."""
    known, again = gold(3, every=4, practice=1), {"every": 4, "after": 2}
    study = study_with(12, gold=known, repeats=again)
    open_tasks(study=study, stage="response")
    peer = make_participant(study, "peer")
    rater, totals = rater_for_participant(peer), []
    while place := claim(study, rater):
        totals.append(duty_in(participant=peer, rater=rater, stage="response").total)
        answer(place, preference="1")

    assert len(totals) > 12
    assert set(totals) == {len(totals)}
