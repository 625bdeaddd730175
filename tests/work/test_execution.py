"""The edge of a job: what becomes of it for each way its handler can end."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.work.conftest import Enqueue
from tests.work.test_queue import let_leases_end, state_of
from work import queue, registry
from work.claims import Claim
from work.errors import GiveUp, RetryLater
from work.execution import do_next

pytestmark = pytest.mark.django_db

HandledBy = Callable[[Callable[[Claim], None]], None]


def finish(claim: Claim) -> None:
    """A handler that does nothing else."""
    with queue.finishing(claim):
        pass


def test_do_next_without_work_says_so() -> None:
    assert do_next("w1") is False


def test_do_next_does_a_job(enqueue: Enqueue, handled_by: HandledBy) -> None:
    job = enqueue()
    handled_by(finish)

    assert do_next("w1") is True
    assert state_of(job) == ("done", 1)


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (RetryLater("server: HTTP 503"), "ready", "server: HTTP 503"),
        (GiveUp("auth: HTTP 401"), "dead", "auth: HTTP 401"),
    ],
)
def test_do_next_does_as_the_handler_asks(
    enqueue: Enqueue, handled_by: HandledBy, error: Exception, state: str, reason: str
) -> None:
    job = enqueue()

    def raise_it(_claim: Claim) -> None:
        raise error

    handled_by(raise_it)
    do_next("w1")

    assert (state_of(job), job.last_error) == ((state, 1), reason)


def test_do_next_records_a_crash(
    enqueue: Enqueue, handled_by: HandledBy, caplog: pytest.LogCaptureFixture
) -> None:
    job = enqueue()
    handled_by(lambda _claim: print(1 / 0))

    do_next("w1")

    assert state_of(job) == ("ready", 1)
    assert job.last_error.startswith("ZeroDivisionError at test_execution.py:")
    assert "Traceback" in caplog.text


def test_do_next_records_a_handler_that_forgot_to_finish(
    enqueue: Enqueue, handled_by: HandledBy
) -> None:
    job = enqueue()
    handled_by(lambda _claim: None)

    do_next("w1")

    assert state_of(job) == ("ready", 1)
    assert job.last_error.startswith("Unfinished")


def test_do_next_buries_an_unknown_kind(enqueue: Enqueue) -> None:
    job = enqueue(kind="nobody's")

    do_next("w1")

    assert state_of(job) == ("dead", 1)


def test_do_next_leaves_a_lost_job_alone(enqueue: Enqueue, handled_by: HandledBy) -> None:
    job, late = enqueue(), list[tuple[UUID, int]]()
    registry.on_late(lambda job_id, attempt: late.append((job_id, attempt)))

    def be_overtaken(claim: Claim) -> None:
        let_leases_end()
        queue.claim("w2")
        finish(claim)

    handled_by(be_overtaken)
    do_next("w1")

    assert (state_of(job), late) == (("leased", 2), [(job.pk, 1)])
