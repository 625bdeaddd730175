"""Lanes: how many may be held at once, when, and that others need not wait for them."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from tests.services import on_sqlite
from tests.work.conftest import Enqueue
from tests.work.test_queue import claimed, let_leases_end, state_of
from work import queue
from work.actions.lanes import close_lane, open_lane, set_limit
from work.claims import Claim, Plan
from work.draining import Drain
from work.lanes import is_closed
from work.models import Job, JobResult, Lane

LANE, OTHER = "endpoint:x", "endpoint:y"


def enqueue_in(lane: str, count: int) -> list[Job]:
    """So many jobs of a lane."""
    plans = [Plan("echo", {lane: n}, {}, "study:alps", lane=lane) for n in range(count)]
    return queue.enqueue_many(plans)


@pytest.mark.django_db
def test_claim_takes_no_more_than_the_lane_holds() -> None:
    enqueue_in(LANE, 3)
    set_limit(lane=LANE, limit=2)

    assert [claimed().attempt for _ in range(2)] == [1, 1]
    assert (queue.is_work_waiting(), queue.claim("w")) == (False, None)


@pytest.mark.django_db
def test_claim_passes_over_a_full_lane(enqueue: Enqueue) -> None:
    enqueue_in(LANE, 2)
    set_limit(lane=LANE, limit=1)
    claimed()
    (elsewhere,), free = enqueue_in(OTHER, 1), enqueue()

    assert {claimed().job_id for _ in range(2)} == {elsewhere.pk, free.pk}


@pytest.mark.django_db
def test_finishing_makes_room() -> None:
    enqueue_in(LANE, 2)
    set_limit(lane=LANE, limit=1)
    with queue.finishing(claimed()):
        pass

    assert claimed().attempt == 1


@pytest.mark.django_db
def test_expired_lease_makes_room() -> None:
    first, second = enqueue_in(LANE, 2)
    set_limit(lane=LANE, limit=1)
    claimed()
    let_leases_end()

    assert claimed().attempt == 2
    assert {state_of(first), state_of(second)} == {("leased", 2), ("ready", 0)}


@pytest.mark.django_db
def test_closed_lane_lets_nobody_in_until_it_is_opened() -> None:
    enqueue_in(LANE, 1)
    close_lane(lane=LANE, seconds=60, reason="rate_limited")
    assert (queue.claim("w"), is_closed(LANE)) == (None, True)

    open_lane(lane=LANE)

    assert (claimed().attempt, is_closed(LANE)) == (1, False)


@pytest.mark.django_db
def test_closed_lane_opens_by_itself() -> None:
    enqueue_in(LANE, 1)
    close_lane(lane=LANE, seconds=60, reason="rate_limited")
    Lane.objects.update(closed_until=Now() - timedelta(seconds=1))

    assert claimed().attempt == 1


@pytest.mark.django_db
def test_closing_never_shortens_an_earlier_one() -> None:
    close_lane(lane=LANE, seconds=None, reason="auth: HTTP 401")
    close_lane(lane=LANE, seconds=1, reason="rate_limited")

    assert Lane.objects.filter(closed_until__gt=Now() + timedelta(days=3650)).exists()


@pytest.mark.django_db
def test_closed_lane_leaves_what_is_in_hand_alone() -> None:
    (job,) = enqueue_in(LANE, 1)
    claim = claimed()
    close_lane(lane=LANE, seconds=None, reason="auth: HTTP 401")

    with queue.finishing(claim):
        pass

    assert state_of(job) == ("done", 1)


@pytest.mark.django_db
def test_leased_at_once_makes_its_lane_known() -> None:
    plan = Plan("echo", {"n": 1}, {}, "study:alps", lane=LANE)
    queue.enqueue_leased(plan, owner="web", seconds=10)
    let_leases_end()

    assert claimed().attempt == 2


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_keep_a_limit(
    handled_by: Callable[[Callable[[Claim], None]], None],
) -> None:
    set_limit(lane=LANE, limit=3)
    enqueue_in(LANE, 48)
    at_work, seen = set[str](), list[int]()
    counting = threading.Lock()

    def work(claim: Claim) -> None:
        with counting:
            at_work.add(str(claim.job_id))
            seen.append(len(at_work))
        queue.extend(claim)
        with counting:
            at_work.remove(str(claim.job_id))
        with queue.finishing(claim):
            pass

    handled_by(work)
    # A full lane gives nothing: threads that leave then would leave work behind.
    while Job.objects.unfinished().exists():
        Drain().run(threads=16)

    assert (JobResult.objects.count(), max(seen) <= 3) == (48, True)


MANY = """
INSERT INTO work_job (id, scope, kind, idem_key, input_digest, payload, lane, state, priority, rank,
    attempt, forgiven, max_attempts, run_after, lease_owner, last_error, created_at)
SELECT gen_random_uuid(), scope, kind, n::text, input_digest, payload, lane, state, 1, n,
    attempt, forgiven, max_attempts, run_after, lease_owner, last_error, created_at
FROM work_job, generate_series(1, 10000) AS n WHERE lane = %s
"""


def queries_of_a_claim() -> int:
    """How many queries the next claim takes."""
    with CaptureQueriesContext(connection) as queries:
        claimed()
    return len(queries)


@pytest.mark.django_db
@pytest.mark.skipif(on_sqlite(), reason="EXPLAIN as PostgreSQL gives it")
def test_claim_does_not_look_at_ten_thousand_jobs_of_a_closed_lane(enqueue: Enqueue) -> None:
    for _ in range(3):
        enqueue()
    alone = queries_of_a_claim()
    enqueue_in(LANE, 1)
    close_lane(lane=LANE, seconds=None, reason="auth: HTTP 401")
    with connection.cursor() as cursor:
        cursor.execute(MANY, [LANE])

    due = Job.objects.filter(lane__in=[""]).due().order_by("priority", "rank", "id")
    plan = due[:1].explain(analyze=True)

    assert queries_of_a_claim() == alone
    assert ("job_ready" in plan, "Removed by Filter" in plan) == (True, False), plan
