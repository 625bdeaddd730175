"""Every way an answer goes wrong, played through the gateway in a job: each ends as it is named.

What is played, and the ends, are in `bench/fakellm/cases.py`.
"""

import asyncio
import socket
from decimal import Decimal
from typing import Any

import pytest

from bench.fakellm.cases import CASES, About, Bill, Case, Fate
from bench.fakellm.server import FakeLlm
from generation.asking import answered
from generation.handlers.settling import settled
from llm.actions.budgets import set_budget
from llm.client import close_streaming_clients
from llm.exchange import Prompt
from llm.models import Budget, Call, Endpoint, EndpointHealth
from llm.streaming import stream
from tests.llm.conftest import SCHEMA
from work import queue, registry
from work.claims import Claim, Plan
from work.execution import do_next
from work.models import Job, JobResult
from work.offloading import DatabaseThread
from work.queue import finishing

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

SCOPE = "study:alps"
UNANSWERED = {"never_answered": 1, "idle": 1, "dripping": 1}
"""Cases that take as long as a call may, in seconds."""
ADDRESSES = {
    "connection_refused": "http://127.0.0.1:{closed}/v1",
    "unknown_host": "http://nowhere.invalid/v1",
    "no_tls": "https://127.0.0.1:{port}/v1",
}


def of(*abouts: About) -> list[str]:
    """The names of the cases about this."""
    return [name for name, case in CASES.items() if case.about in abouts]


@pytest.fixture
def closed_port() -> int:
    """One that nobody answers at."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture
def priced(endpoint: Endpoint) -> Endpoint:
    """The way to the server, at a price and within a budget."""
    limits = {"max_output_tokens": 100, "timeout": 5, "max_concurrency": 4}
    Endpoint.objects.update(price_prompt=1_000, price_completion=1_000, **limits)
    set_budget(scope=SCOPE, max_calls=None, max_cost=Decimal(1_000), by="ada")
    endpoint.refresh_from_db()
    return endpoint


def done_by(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The job that asked once, as any handler of the product asks."""

    @settled
    def judge(claim: Claim) -> None:
        prompt = Prompt("judge", [{"role": "user", "content": "How good?"}], temperature=0)
        answer = answered(endpoint, prompt, SCHEMA, claim)
        with finishing(claim, value={"score": answer.value["score"]}):
            pass

    monkeypatch.setattr(registry, "_handlers", {"judge": judge})
    queue.enqueue(kind="judge", key={"n": 1}, payload={}, scope=SCOPE)
    assert do_next("w1")
    return Job.objects.get()


def fate_of(job: Job) -> Fate:
    """What became of the job, by its row."""
    if job.state != Job.State.READY:
        return Fate.DONE if job.state == Job.State.DONE else Fate.ENDS
    if EndpointHealth.objects.filter(circuit="open", open_until=None).exists():
        assert job.tries == 0
        return Fate.PERSON
    return Fate.AGAIN if job.tries else Fate.LATER


def bill_of(case: Case) -> Bill:
    """What the budget was charged, as far as one can tell: nothing, all that was held, or some."""
    budget = Budget.objects.get()
    assert not budget.reserved + budget.overrun
    if not budget.spent:
        return Bill.NO
    return Bill.MAYBE if case.bill == Bill.MAYBE else Bill.YES


@pytest.mark.parametrize("name", of(About.SCORE, About.ADDRESS))
def test_case_ends_in_its_outcome(
    server: FakeLlm,
    priced: Endpoint,
    closed_port: int,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    case = CASES[name]
    server.manner.always = "" if case.about == About.ADDRESS else name
    port = server.url.split(":")[2].split("/")[0]
    priced.base_url = ADDRESSES.get(name, server.url).format(closed=closed_port, port=port)
    priced.timeout = UNANSWERED.get(name, priced.timeout)

    settings.LLM_HOSTS = [*settings.LLM_HOSTS, "nowhere.invalid"]

    job = done_by(priced, monkeypatch)

    call = Call.objects.get()
    state = "ok" if case.fate == Fate.DONE else "error"
    assert (call.state, call.outcome, call.flags) == (state, case.outcome, list(case.flags))
    assert (fate_of(job), bill_of(case)) == (case.fate, case.bill)
    assert JobResult.objects.count() == (case.fate == Fate.DONE)


def test_address_that_is_not_listed_is_not_asked(
    server: FakeLlm, priced: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced.base_url = ADDRESSES["unknown_host"]

    job = done_by(priced, monkeypatch)

    call = Call.objects.get()
    assert (call.state, call.outcome) == ("error", "address_refused")
    assert (fate_of(job), Budget.objects.get().spent) == (Fate.ENDS, Decimal(0))


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].outcome == "auth"])
def test_refused_key_is_in_no_message(
    server: FakeLlm, priced: Endpoint, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    server.manner.always = name

    job = done_by(priced, monkeypatch)

    health = EndpointHealth.objects.get()
    assert (health.circuit, health.open_until) == ("open", None)
    assert "sk-fake" not in f"{job.last_error} {health.reason}"


def test_question_is_repeated_twice_at_most(
    server: FakeLlm, priced: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.manner.always = "score_too_high"
    job = done_by(priced, monkeypatch)

    while job.state == Job.State.READY:
        Job.objects.update(run_after=job.created_at)
        assert do_next("w1")
        job.refresh_from_db()

    assert (job.state, server.billed, job.last_error[:13]) == ("dead", 3, "invalid_value")


def test_only_the_accepted_answer_of_two_counts(
    server: FakeLlm, priced: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script(*[CASES["cut_json"].reply()])
    server.manner.always = "another_every_time"
    done_by(priced, monkeypatch)
    Job.objects.update(run_after=Job.objects.get().created_at)

    assert do_next("w1")

    kept = JobResult.objects.get()
    assert kept.attempt == 2
    assert list(Call.objects.values_list("state", "outcome")) == [("error", "cut"), ("ok", "ok")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", of(About.STREAM))
def test_stream_that_breaks_off_is_no_answer(
    server: FakeLlm, priced: Endpoint, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case = CASES[name]
    server.script(case.reply())
    plan = Plan(kind="reply", key={"n": 1}, payload={}, scope=SCOPE)
    claim = queue.enqueue_leased(plan, owner="web", seconds=60)

    with pytest.raises(Exception, match=case.outcome) as caught:
        asyncio.run(_heard(priced, claim))

    assert caught.value.outcome == case.outcome  # type: ignore[attr-defined]
    call = Call.objects.get()
    assert (call.state, call.outcome, call.raw_response) == ("error", case.outcome, "")
    assert bill_of(case) == case.bill


async def _heard(endpoint: Endpoint, claim: Any) -> None:
    database = DatabaseThread("test")
    prompt = Prompt("converse", [{"role": "user", "content": "Hello"}])
    try:
        await stream(
            endpoint=endpoint, prompt=prompt, claim=claim, scope=SCOPE, subject=None,
            on_piece=lambda piece: None, database=database,
        )  # fmt: skip
    finally:
        await close_streaming_clients()
        database.close()
