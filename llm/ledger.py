"""The ledger's pen: every paid question is on record before it leaves, and as it came back.

Each step commits by itself, so that at whatever point a process dies, the rows say how far it got.
`on_claim` and `on_late` hang into `work`, which tells when a job changed hands.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Count, IntegerField, Q, TextField, UUIDField
from django.db.models.functions import Now

from llm import guests, health, queries
from llm.actions import budgets as spending
from llm.budgets import billed, is_more_than_possible
from llm.envelope import Envelope
from llm.exchange import Prompt, Reply, length_of
from llm.models import Call, CallQuerySet, Endpoint
from work import queue
from work.claims import Claim
from work.errors import LateClaim
from work.statements import Change, Given, SelectValues

REPEATABLE = ["malformed", "empty", "truncated", "cut", "invalid_value"]
NEVER_LEFT = ["net_connect", "address_refused", "auth", "bad_request"]
"""Of what broke an exchange before anything was sent."""
CHARACTERS_PER_TOKEN = 4
ABANDONED_AFTER = timedelta(seconds=60)
"""After an endpoint's timeout, when no worker can still be waiting and what came is written down.

Of a call whose job is cancelled while its worker lives, this leaves the true cost to be settled.
"""
NOTHING = Decimal(0)

CALL, JOB = Given("call", UUIDField()), Given("job", UUIDField())
ATTEMPT, DIGEST = Given("attempt", IntegerField()), Given("digest", CharField())


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, for whom: the part of a call that is known before it is made."""

    endpoint: Endpoint
    prompt: Prompt
    claim: Claim | None
    scope: str
    subject: UUID | None
    digest: str
    schema: dict[str, Any] | None = None

    @property
    def length(self) -> int:
        """Of all messages and the answer's schema, in characters."""
        return length_of(self.prompt, self.schema)


def open_call(question: Question, params: dict[str, Any], *, needs_room: bool = False) -> Call:
    """Write down, and commit, that a question is about to leave.

    Raises `LateClaim` if the job has another holder; else its lease begins anew. Raises
    `HeldBack` for a repeated question while too many of those to the endpoint are repeated, and, if
    it needs room, while the lane of an endpoint beside the job's own is full; `Hold` where a budget
    is spent.
    """
    claim, prompt = question.claim, question.prompt
    with transaction.atomic(durable=True):
        if claim is not None:
            queue.extend(claim)
        number, is_repeat = place_among_calls(question)
        if is_repeat:
            health.check_repeats(question.endpoint)
        if needs_room:
            guests.check_room(question, is_locked=True)
        call = Call.objects.create(
            endpoint=question.endpoint,
            job_id=claim.job_id if claim else None,
            attempt=claim.attempt if claim else 0,
            number=number,
            is_repeat=is_repeat,
            scope=question.scope,
            subject=question.subject,
            purpose=prompt.task,
            model_asked=question.endpoint.model,
            prompt_version=prompt.version,
            request_digest=question.digest,
            params=params,
            flags=list(prompt.flags),
        )
        # Last, as what it locks is what all calls of a study share.
        spending.reserve(call, question)
        return call


COUNTED = SelectValues(
    Call.objects.filter(job_id=JOB)
    .values("job_id")
    .annotate(
        mine=Count("pk", filter=Q(attempt=ATTEMPT)),
        repeated=Count("pk", filter=~Q(attempt=ATTEMPT) & Q(request_digest=DIGEST)),
    )
)


def place_among_calls(question: Question) -> tuple[int, bool]:
    """The number of a job's next call, and whether an earlier attempt asked the very same.

    Safe without a lock of its own: `extend` holds the job's row until the commit.
    """
    claim = question.claim
    if claim is None:
        return 1, False
    counted = COUNTED(job=claim.job_id, attempt=claim.attempt, digest=question.digest)
    return (counted[0]["mine"] + 1, counted[0]["repeated"] > 0) if counted else (1, False)


CAPTURE = Change(
    Call.objects.filter(pk=CALL, state=Call.State.SENT),
    raw_response=Given("body", TextField()),
    http_status=Given("status", IntegerField()),
    provider_request_id=Given("request_id", CharField()),
    finished_at=Now(),
    latency_ms=Given("latency_ms", IntegerField()),
)


def capture(call: Call, reply: Reply, latency_ms: int) -> None:
    """Keep the body as it came, before anybody interprets it.

    Raises `LateClaim` if the call was given up meanwhile; then the body is not kept.
    """
    with transaction.atomic(durable=True) if call.is_reserved else nullcontext():
        kept = CAPTURE(
            call=call.pk,
            body=reply.body,
            status=reply.status,
            request_id=reply.request_id,
            latency_ms=latency_ms,
        )
        if kept:
            spending.settle(call, billed(call.endpoint, reply))
    if not kept:
        _mark_late(Call.objects.filter(pk=call.pk))
        raise LateClaim(f"Call {call.pk} was answered when its job had another holder.")


def settle(question: Question, call: Call, envelope: Envelope) -> None:
    """Note what the answer says of itself: the model, the tokens and so the cost.

    It is written when the call is concluded.
    """
    flags = list(question.prompt.flags)
    asked = call.model_asked
    if envelope.model and not envelope.model.startswith(asked):
        flags.append("model_mismatch")
    sent, received = envelope.prompt_tokens, envelope.completion_tokens
    if sent is None or received is None:
        flags.append("usage_estimated")
        sent = question.length // CHARACTERS_PER_TOKEN
        received = len(envelope.text) // CHARACTERS_PER_TOKEN
    elif is_more_than_possible(question, sent, received):
        flags.append("usage_absurd")
    call.flags, call.model_answered = flags, envelope.model or asked
    call.prompt_tokens, call.completion_tokens = sent, received
    call.cost = question.endpoint.cost_of(sent, received)


def close_stream(
    question: Question,
    call: Call,
    envelope: Envelope,
    reply: Reply,
    *,
    state: Call.State,
    outcome: str,
    latency_ms: int,
) -> None:
    """Note how a streamed answer ended and what it cost, without a word of it.

    Raises `LateClaim` if its job has another holder.
    """
    with transaction.atomic(durable=True):
        if question.endpoint.is_baseline:
            envelope = replace(envelope, prompt_tokens=0, completion_tokens=0)
        if envelope.text or envelope.prompt_tokens is not None:
            settle(question, call, envelope)
        closed = Call.objects.filter(pk=call.pk, state=Call.State.SENT).update(
            state=state,
            outcome=outcome,
            http_status=reply.status or None,
            provider_request_id=reply.request_id,
            finished_at=Now(),
            latency_ms=latency_ms,
            **(_figures(call) | ({"cost": Decimal(0)} if question.endpoint.is_baseline else {})),
        )
        if closed:
            _settle_stream(call, envelope, reply, outcome)
    if not closed:
        raise LateClaim(f"Call {call.pk} ended when its job had another holder.")


def _settle_stream(call: Call, envelope: Envelope, reply: Reply, outcome: str) -> None:
    if outcome in NEVER_LEFT and not reply.status:
        spending.give_back(call)
    elif envelope.prompt_tokens is not None and envelope.completion_tokens is not None:
        spending.settle(call, call.cost)
    else:
        spending.settle(call, NOTHING if reply.status >= 300 else None)


FIGURES = ("flags", "model_answered", "prompt_tokens", "completion_tokens", "cost")
"""What an answer says of itself."""
CONCLUSION = {name: Given.of(Call, name) for name in ("state", "outcome", *FIGURES)}
CONCLUDE = Change(
    Call.objects.filter(pk=CALL, state=Call.State.SENT, adopted_by__isnull=True), **CONCLUSION
)
CONCLUDE_ADOPTED = Change(
    Call.objects.filter(pk=CALL, adopted_by=Given("adopted_by", IntegerField())), **CONCLUSION
)


def conclude(call: Call, state: Call.State, outcome: str) -> None:
    """Say what became of the call and what it cost, unless its job has changed hands meanwhile.

    An adopted one is concluded by the attempt that adopted it last, as `call` has it.
    """
    told = {"call": call.pk, "state": state, "outcome": outcome, **_figures(call)}
    if call.adopted_by is None:
        is_concluded = CONCLUDE(**told)
    else:
        is_concluded = CONCLUDE_ADOPTED(adopted_by=call.adopted_by, **told)
    if is_concluded:
        return
    raise LateClaim(f"Call {call.pk} was interpreted when its job had another holder.")


def _figures(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in FIGURES}


def break_off(call: Call, outcome: str) -> None:
    """Say that no whole answer came; of a late call nothing more is noted."""
    with transaction.atomic(durable=True) if call.is_reserved else nullcontext():
        ended = Call.objects.filter(pk=call.pk, state=Call.State.SENT).update(
            state=Call.State.ERROR, outcome=outcome, finished_at=Now()
        )
        if ended and outcome in NEVER_LEFT:
            spending.give_back(call)
        elif ended:
            spending.settle(call, None)


def abandon(job_id: UUID) -> None:
    """Of calls of this job that are still open nothing more will be known."""
    _lose(Call.objects.filter(job_id=job_id))


def lose_abandoned(at: datetime) -> None:
    """End the open calls that nobody waits for, so that they hold nothing for ever.

    Their worker died, and their job was cancelled or buried, or there was none. Periodic.
    """
    if lost := queries.abandoned(ABANDONED_AFTER):
        _lose(Call.objects.filter(pk__in=lost))


@transaction.atomic
def _lose(calls: CallQuerySet) -> None:
    """Of those that are open nothing more will be known; they may have cost what they could."""
    lost = calls.open().update(state=Call.State.UNKNOWN, outcome="unknown", finished_at=Now())
    if lost:
        spending.lose(calls)


def adopt(question: Question) -> Call | None:
    """A body that an earlier attempt of this job paid for and nobody used, if there is one.

    One call is adopted once per attempt, so a job that asks the same three times gets three
    different answers again.
    """
    claim = question.claim
    if claim is None or claim.attempt == 1:
        return None
    with transaction.atomic(durable=True):
        queue.extend(claim)
        call = (
            Call.objects.select_for_update()
            .filter(job_id=claim.job_id, request_digest=question.digest)
            .filter(attempt__lt=claim.attempt, state__in=[Call.State.OK, Call.State.UNKNOWN])
            .filter(http_status=200)
            .exclude(raw_response="")
            .exclude(adopted_by=claim.attempt)
            .order_by("attempt", "number")
            .first()
        )
        if call is not None:
            call.adopted_by = claim.attempt
            call.save(update_fields=["adopted_by"])
    return call


def is_last_chance(claim: Claim | None, may_repeat: int) -> bool:
    """Whether this job's questions were answered with nonsense more often than we put up with."""
    if claim is None:
        return True
    nonsense = Call.objects.filter(
        job_id=claim.job_id, state=Call.State.ERROR, outcome__in=REPEATABLE
    )
    return nonsense.count() > may_repeat


def reject(call_id: UUID, outcome: str = "invalid_value") -> None:
    """Say that an answer, though valid JSON, is not one: a later attempt won't adopt it.

    If it served for more than one call, no further one is served by it.
    """
    reused = Call.objects.filter(pk=call_id).values("reuses")
    Call.objects.filter(Q(pk=call_id) | Q(pk__in=reused), state=Call.State.OK).update(
        state=Call.State.ERROR, outcome=outcome
    )


def record_local(question: Question, text: str, latency_ms: int, outcome: str, model: str) -> Call:
    """Enter an answer that was computed in this process: nothing left it, nothing was paid.

    Raises `LateClaim` if the call was given up meanwhile; then the answer is not kept.
    """
    call = open_call(question, {})
    kept = Call.objects.filter(pk=call.pk, state=Call.State.SENT).update(
        state=Call.State.OK if outcome == "ok" else Call.State.ERROR,
        outcome=outcome,
        raw_response=text,
        model_answered=model,
        prompt_tokens=0,
        completion_tokens=0,
        cost=Decimal(0),
        latency_ms=latency_ms,
        finished_at=Now(),
    )
    if not kept:
        raise LateClaim(f"Call {call.pk} was computed when its person had left.")
    call.refresh_from_db()
    return call


# -- When a job changes hands --------------------------------------------------


def on_claim(job_id: UUID, attempt: int) -> None:
    """Open calls of earlier attempts become unknown. Runs inside the claim's transaction."""
    if attempt > 1:
        _lose(Call.objects.filter(job_id=job_id, attempt__lt=attempt))


def on_late(job_id: UUID, attempt: int) -> None:
    """What the refused holder got is kept in the ledger and used by nobody."""
    calls = Call.objects.of_attempt(job_id, attempt).filter(adopted_by__isnull=True)
    _mark_late(calls.filter(state__in=[Call.State.SENT, Call.State.OK]))


@transaction.atomic
def _mark_late(calls: CallQuerySet) -> None:
    """Mark those that still are what `calls` says when their rows are locked."""
    marked = list(calls.select_for_update().order_by("pk").values_list("pk", flat=True))
    late = Call.objects.filter(pk__in=marked)
    late.update(state=Call.State.LATE, outcome="late", raw_response="", finished_at=Now())
    spending.lose(late)


def forget_subject(subject: UUID) -> int:
    """Delete the bodies and digests of calls about a participant; figures and costs remain."""
    calls = Call.objects.filter(subject=subject)
    _lose(calls)
    return calls.update(raw_response="", request_digest="")


def erase_subject(subject: UUID) -> int:
    """`forget_subject`, and which participant the calls were about is not known any more."""
    forget_subject(subject)
    spending.forget_participant(subject)
    return Call.objects.filter(subject=subject).update(subject=None, provider_request_id="")


def forget_jobs(jobs: Sequence[UUID]) -> int:
    """Delete the bodies and digests of the calls of jobs whose text is gone; costs remain."""
    return Call.objects.filter(job_id__in=jobs).update(raw_response="", request_digest="")
