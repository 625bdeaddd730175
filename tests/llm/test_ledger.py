"""The ledger through crashes and handovers: what is paid once is used once, or said to be lost."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from bench.fakellm.replies import completion
from bench.fakellm.server import FakeLlm
from llm import ledger
from llm.errors import Unparseable
from llm.gateway import reject
from llm.models import Call, Endpoint
from tests.llm.conftest import Ask, claimed_again, recorded
from work import queue, registry
from work.claims import Claim
from work.errors import LateClaim
from work.execution import execute
from work.models import Job, Lane

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_ask_commits_the_call_before_it_leaves(asked: Ask, server: FakeLlm) -> None:
    seen: list[tuple[str, str]] = []

    def look(_request: dict[str, Any]) -> Any:
        # On the server's own connection: what it sees has been committed.
        seen.extend(recorded())
        connections.close_all()
        return {"score": 3}

    server.answer = look
    asked()

    assert seen == [("sent", "")]


@pytest.mark.django_db(transaction=True)
def test_ask_refuses_to_wait_inside_a_transaction(asked: Ask, server: FakeLlm) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        asked()

    assert server.requests == []


@pytest.mark.django_db(transaction=True)
def test_ask_takes_few_statements(asked: Ask, claim: Claim, endpoint: Endpoint) -> None:
    Lane.objects.update(limit=endpoint.max_concurrency)
    Job.objects.update(lane=endpoint.lane)
    own = replace(claim, lane=endpoint.lane)
    asked("so that the connection is there")

    with CaptureQueriesContext(connection) as queries:
        asked(claim=own)

    # Two of them begin and commit the one transaction.
    assert len(queries) <= 10


def test_ask_counts_nonsense_of_a_job(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    finals = []
    for _ in range(3):
        server.script(completion("nonsense"))
        with pytest.raises(Unparseable) as caught:
            asked(claim=claim)
        finals.append(caught.value.is_final)

    assert finals == [False, False, True]


def test_ask_uses_what_a_vanished_worker_captured(
    asked: Ask, server: FakeLlm, claim: Claim
) -> None:
    first = asked(claim=claim)

    second = asked(claim=claimed_again())

    assert (second.call_id, second.value, server.billed) == (first.call_id, {"score": 3}, 1)


def test_ask_uses_a_body_captured_but_never_read(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    asked(claim=claim)
    Call.objects.update(state="sent", outcome="")

    answer = asked(claim=claimed_again())

    assert (answer.value, server.billed, recorded()) == ({"score": 3}, 1, [("ok", "ok")])


def test_ask_uses_a_captured_body_once_per_attempt(
    asked: Ask, server: FakeLlm, claim: Claim
) -> None:
    first = [asked(claim=claim).call_id for _ in range(2)]
    again = claimed_again()

    second = [asked(claim=again).call_id for _ in range(3)]

    assert (second[:2], second[2] in first, server.billed) == (first, False, 3)


def test_ask_does_not_use_another_question(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    asked("How good?", claim=claim)

    asked("How bad?", claim=claimed_again())

    assert server.billed == 2


def test_ask_does_not_use_what_was_rejected(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    reject(asked(claim=claim).call_id)

    asked(claim=claimed_again())

    assert (server.billed, recorded()) == (2, [("error", "invalid_value"), ("ok", "ok")])


def test_ask_makes_the_call_of_a_vanished_worker_unknown(
    asked: Ask, server: FakeLlm, claim: Claim
) -> None:
    asked(claim=claim)
    Call.objects.update(state="sent", outcome="", raw_response="", http_status=None)

    asked(claim=claimed_again())

    assert recorded() == [("unknown", "unknown"), ("ok", "ok")]


def test_ask_refuses_who_lost_the_job_before_paying(
    asked: Ask, server: FakeLlm, claim: Claim
) -> None:
    claimed_again()

    with pytest.raises(LateClaim):
        asked(claim=claim)

    assert (server.billed, recorded()) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_ask_keeps_a_late_answer_out_of_use(asked: Ask, server: FakeLlm, claim: Claim) -> None:
    def lose_the_job(_request: dict[str, Any]) -> Any:
        claimed_again()
        connections.close_all()
        return {"score": 3}

    server.answer = lose_the_job
    with pytest.raises(LateClaim):
        asked(claim=claim)

    assert (recorded(), Call.objects.get().raw_response) == ([("late", "late")], "")


def test_finishing_late_marks_the_calls(asked: Ask, claim: Claim) -> None:
    def be_overtaken(mine: Claim) -> None:
        asked(claim=mine)
        claimed_again()
        with queue.finishing(mine):
            pytest.fail("the body must not run")

    registry.register("judge", be_overtaken)
    execute(claim)

    assert recorded() == [("late", "late")]


def test_forget_subject_deletes_bodies(asked: Ask) -> None:
    subject = UUID(int=1)
    asked(subject=subject)
    asked()

    assert ledger.forget_subject(subject) == 1

    theirs = Call.objects.get(subject=subject)
    assert (theirs.raw_response, theirs.request_digest) == ("", "")
    assert Call.objects.exclude(raw_response="").count() == 1
