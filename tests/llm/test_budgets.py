"""Budgets: what is reserved, what is settled at each end of a call, and who has to wait for it."""

import json
import threading
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connection

from bench.fakellm.replies import Scripted, completion
from bench.fakellm.server import FakeLlm
from llm import budgets, ledger
from llm.actions.budgets import set_budget, set_share
from llm.exchange import Prompt, Reply
from llm.ledger import Question
from llm.models import Budget, Call, Endpoint, Reservation
from tests.llm.conftest import Ask, claimed_again
from tests.services import on_sqlite
from work import queue
from work.claims import Claim
from work.errors import Hold, LateClaim, RetryLater
from work.models import Job, Run

STUDY = "study:alps"
PROMPT = Prompt("judge", [{"role": "user", "content": "How good?"}], max_tokens=100)


@pytest.fixture
def priced(endpoint: Endpoint) -> Endpoint:
    """The way to the server, at a price per token that can be reckoned in the head."""
    Endpoint.objects.filter(pk=endpoint.pk).update(price_prompt=1_000, price_completion=1_000)
    endpoint.refresh_from_db()
    return endpoint


def question(endpoint: Endpoint, claim: Claim | None = None, **fields: Any) -> Question:
    given = {"scope": STUDY, "subject": None, "digest": "d", "prompt": PROMPT}
    return Question(endpoint=endpoint, claim=claim, **(given | fields))


def budget(scope: str = STUDY, **fields: Any) -> Budget:
    limits = {"max_calls": None, "max_cost": None, "by": "ada"}
    return set_budget(scope=scope, **(limits | fields))


def taken(scope: str = STUDY) -> tuple[Any, ...]:
    row = Budget.objects.get(scope=scope)
    return row.calls, row.reserved, row.spent, row.overrun


def usage(sent: int, received: int) -> Reply:
    counts = {"prompt_tokens": sent, "completion_tokens": received}
    return Reply(status=200, body=json.dumps(completion("{}", usage=counts)))


BOUND = Decimal("0.381")
"""Nine bytes, what may stand around them, and a hundred tokens, at 0.001 each."""


@pytest.mark.django_db(transaction=True)
def test_open_call_holds_the_most_it_may_cost(priced: Endpoint) -> None:
    budget(max_cost=Decimal(1))

    ledger.open_call(question(priced), {})

    assert taken() == (1, BOUND, 0, 0)
    assert budgets.faults() == []


@pytest.mark.django_db(transaction=True)
def test_answer_leaves_what_it_cost(priced: Endpoint, asked: Ask) -> None:
    budget(max_cost=Decimal(10))

    cost = asked(prompt=PROMPT).cost

    assert taken() == (1, 0, cost, 0)
    assert not Reservation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_every_budget_of_a_call_pays(priced: Endpoint, asked: Ask) -> None:
    person = uuid4()
    scopes = [STUDY, f"participant:{person}", f"endpoint:{priced.pk}"]
    for scope in scopes:
        budget(scope, max_cost=Decimal(10))

    cost = asked(prompt=PROMPT, subject=person).cost

    assert [taken(scope) for scope in scopes] == [(1, 0, cost, 0)] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["study", "participant", "endpoint"])
def test_spent_budget_keeps_the_question_from_leaving(
    kind: str, priced: Endpoint, asked: Ask, server: FakeLlm
) -> None:
    person = uuid4()
    names = {"study": "alps", "participant": str(person), "endpoint": str(priced.pk)}
    budget(f"{kind}:{names[kind]}", max_calls=1)
    asked(prompt=PROMPT, subject=person)

    with pytest.raises(Hold, match=rf"^held: (the|a) {kind} .*may put 1 questions"):
        asked("And now?", subject=person, prompt=PROMPT)

    assert (server.billed, Call.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_room_that_others_hold_is_waited_for(priced: Endpoint) -> None:
    budget(max_cost=BOUND * 2 - Decimal("0.001"))
    ledger.open_call(question(priced), {})

    with pytest.raises(RetryLater, match=r"^budget: open calls hold") as error:
        ledger.open_call(question(priced), {})

    assert not error.value.counts
    assert Call.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price_prompt": None}, "has no prices"),
        ({"price_completion": None}, "has no prices"),
        ({}, "max_output_tokens"),
    ],
)
def test_money_needs_prices_and_a_limit(
    fields: dict[str, Any], reason: str, priced: Endpoint
) -> None:
    Endpoint.objects.filter(pk=priced.pk).update(**fields)
    priced.refresh_from_db()
    budget(max_cost=Decimal(1))
    prompt = Prompt("judge", PROMPT.messages, max_tokens=100 if fields else None)

    with pytest.raises(Hold, match=reason):
        ledger.open_call(question(priced, prompt=prompt), {})

    budget(max_cost=None, max_calls=5)
    ledger.open_call(question(priced, prompt=prompt), {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("reply", "left"),
    [
        (usage(10, 5), (1, 0, Decimal("0.015"), 0)),
        (Reply(status=200, body="{}"), (1, 0, BOUND, 0)),
        (Reply(status=200, body="<html>"), (1, 0, BOUND, 0)),
        (Reply(status=429, body=""), (1, 0, 0, 0)),
        (Reply(status=500, body="oh"), (1, 0, 0, 0)),
        (usage(10, 995), (1, 0, Decimal(1), Decimal("0.005"))),
    ],
    ids=["counted", "not counted", "malformed", "limited", "broken", "more than possible"],
)
def test_reply_settles(reply: Reply, left: tuple[Any, ...], priced: Endpoint) -> None:
    budget(max_cost=Decimal(1))
    call = ledger.open_call(question(priced), {})

    ledger.capture(call, reply, 1)

    assert taken() == left
    assert budgets.faults() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("outcome", "left"),
    [("net_connect", (0, 0, 0, 0)), ("timeout", (1, 0, BOUND, 0)), ("cut", (1, 0, BOUND, 0))],
)
def test_broken_exchange_settles(outcome: str, left: tuple[Any, ...], priced: Endpoint) -> None:
    budget(max_cost=Decimal(1))
    call = ledger.open_call(question(priced), {})

    ledger.break_off(call, outcome)

    assert taken() == left


@pytest.mark.django_db(transaction=True)
def test_vanished_worker_may_have_spent_it_all(priced: Endpoint, claim: Claim) -> None:
    budget(max_cost=Decimal(1))
    call = ledger.open_call(question(priced, claim), {})
    claimed_again()

    assert taken() == (1, 0, BOUND, 0)
    with pytest.raises(LateClaim):
        ledger.capture(call, usage(1, 1), 1)
    assert taken() == (1, 0, BOUND, 0)


@pytest.mark.django_db(transaction=True)
def test_captured_answer_is_paid_once(priced: Endpoint, claim: Claim) -> None:
    budget(max_cost=Decimal(1))
    call = ledger.open_call(question(priced, claim), {})
    ledger.capture(call, usage(10, 5), 1)
    claimed_again()

    assert taken() == (1, 0, Decimal("0.015"), 0)


@pytest.mark.django_db(transaction=True)
def test_absurd_count_is_flagged(priced: Endpoint, asked: Ask, server: FakeLlm) -> None:
    counts = {"prompt_tokens": 5_000, "completion_tokens": 1}
    server.script(Scripted(body=completion('{"score": 3}', usage=counts)))

    asked(prompt=PROMPT)

    assert "usage_absurd" in Call.objects.get().flags


@pytest.mark.django_db(transaction=True)
def test_budget_made_while_a_call_is_open_does_not_hold_it(priced: Endpoint) -> None:
    call = ledger.open_call(question(priced), {})
    budget(max_cost=Decimal(1))

    ledger.capture(call, usage(10, 5), 1)

    assert taken() == (0, 0, 0, 0)


@pytest.mark.django_db
def test_budget_is_not_lowered_below_what_is_taken() -> None:
    budget(max_calls=5, max_cost=Decimal(5))
    Budget.objects.update(calls=3, spent=Decimal("1.5"), reserved=Decimal("0.25"))

    with pytest.raises(ValidationError, match=r"1\.75 is spent or reserved"):
        budget(max_cost=Decimal("1.7"))
    with pytest.raises(ValidationError, match="3 questions were put"):
        budget(max_calls=2)
    assert budget(max_calls=3, max_cost=Decimal("1.75")).set_by == "ada"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "scope",
    ["", "alps", "study:", "town:alps", "x" * 120, "endpoint:main", f"endpoint:{'0' * 32}"],
)
def test_unknown_scope_is_refused(scope: str) -> None:
    with pytest.raises(ValidationError):
        budget(scope, max_calls=1)


@pytest.mark.django_db
@pytest.mark.parametrize("cost", [Decimal(-1), Decimal("NaN"), Decimal("1e12"), Decimal("1e-12")])
def test_strange_money_is_refused(cost: Decimal) -> None:
    with pytest.raises(ValidationError):
        budget(max_cost=cost)


# -- Shares of participants --------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_every_participant_gets_a_share(priced: Endpoint) -> None:
    early, late = uuid4(), uuid4()
    budget(f"participant:{early}", max_calls=9)
    set_share(scope=STUDY, max_calls=1, max_cost=None, subjects=[early], by="ada")

    for person in (early, late):
        ledger.open_call(question(priced, subject=person), {})
        with pytest.raises(RetryLater, match=r"^budget: open calls hold what a participant "):
            ledger.open_call(question(priced, subject=person), {})
    ledger.open_call(question(priced), {})

    assert Call.objects.count() == 3


@pytest.mark.django_db
def test_lower_share_leaves_what_was_taken() -> None:
    person = uuid4()
    budget(f"participant:{person}", max_cost=Decimal(5))
    Budget.objects.update(spent=Decimal(3))

    set_share(scope=STUDY, max_calls=None, max_cost=Decimal(1), subjects=[person], by="ada")

    assert Budget.objects.get(scope=f"participant:{person}").max_cost == 3


@pytest.mark.django_db(transaction=True)
def test_erasing_removes_the_participants_budget(priced: Endpoint) -> None:
    person = uuid4()
    budget(f"participant:{person}", max_calls=9)
    budget(max_cost=Decimal(1))
    ledger.open_call(question(priced, subject=person), {})

    ledger.erase_subject(person)

    assert [row.scope for row in Budget.objects.all()] == [STUDY]
    assert taken() == (1, 0, BOUND, 0)
    assert budgets.faults() == []


# -- Jobs that were held -----------------------------------------------------------


def held_job(reason: str, state: Run.State | None, scope: str = STUDY) -> Job:
    run = None if state is None else Run.objects.create(scope=scope, kind="x", state=state)
    job = queue.enqueue(kind="echo", key={"n": str(uuid4())}, payload={}, scope=scope, run=run)
    Job.objects.filter(pk=job.pk).update(state=Job.State.HELD, last_error=reason)
    return job


@pytest.mark.django_db
def test_raised_budget_lets_its_jobs_go() -> None:
    freed = [held_job("held: spent", Run.State.RUNNING), held_job("held: spent", None)]
    kept = [
        held_job("held: spent", Run.State.PAUSED),
        held_job("something else", Run.State.RUNNING),
        held_job("held: spent", Run.State.RUNNING, "study:fjord"),
    ]

    budget(max_calls=10)
    assert not Job.objects.filter(state=Job.State.READY).exists()
    budget(max_calls=11)

    ready = set(Job.objects.filter(state=Job.State.READY).values_list("pk", flat=True))
    assert ready == {job.pk for job in freed}
    assert Job.objects.filter(state=Job.State.HELD).count() == len(kept)


# -- What is wrong is told -----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_faults_name_every_broken_promise(priced: Endpoint) -> None:
    budget(max_calls=10)
    call = ledger.open_call(question(priced), {})
    Call.objects.filter(pk=call.pk).update(state=Call.State.OK)
    assert [fault.partition(":")[2] for fault in budgets.faults()] == [
        f"alps: a call that is ok still holds {BOUND}."
    ]

    Budget.objects.update(reserved=Decimal("0.5"))

    assert any("0.500000000 is reserved" in fault for fault in budgets.faults())


# -- Many at once --------------------------------------------------------------------

CROWD = 8 if on_sqlite() else 64
EACH = 3


def crowd(endpoint: Endpoint, **fields: Any) -> list[Exception]:
    """As many threads as that, each with a connection of its own, each opening three calls."""
    begin = threading.Barrier(CROWD)
    refused: list[Exception] = []

    def work() -> None:
        try:
            begin.wait()
            for _ in range(EACH):
                try:
                    call = ledger.open_call(question(endpoint, **fields), {})
                    ledger.capture(call, Reply(status=200, body="{}"), 1)
                except (Hold, RetryLater) as error:
                    refused.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["study", "participant", "endpoint"])
def test_crowd_takes_exactly_the_calls_there_are(kind: str, priced: Endpoint) -> None:
    person, most = uuid4(), 100 if CROWD == 64 else 10
    names = {"study": "alps", "participant": str(person), "endpoint": str(priced.pk)}
    budget(f"{kind}:{names[kind]}", max_calls=most)

    refused = crowd(priced, subject=person)

    assert Call.objects.count() == most
    assert len(refused) == CROWD * EACH - most


@pytest.mark.django_db(transaction=True)
def test_crowd_spends_no_more_than_there_is(priced: Endpoint) -> None:
    budget(max_cost=BOUND * 7 + Decimal("0.380999999"))

    refused = crowd(priced)

    assert Call.objects.count() == 7
    assert taken() == (7, 0, BOUND * 7, 0)
    assert len(refused) == CROWD * EACH - 7
    assert budgets.faults() == []
