"""What the ledger tells: how an endpoint answered such questions, and what jobs have cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from statistics import fmean, pstdev
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Now

from llm.models import Call, Endpoint, Reservation
from work.models import Job

LATEST = 500
"""Calls that an experience is drawn from."""
ABANDONED_AT_ONCE = 500


@dataclass(frozen=True)
class Experience:
    """How an endpoint answered the latest questions of one kind."""

    calls: int = 0
    completion_tokens: float = 0.0
    """Mean of the answers that could be read."""
    deviation: float = 0.0
    """Of the completion tokens."""
    seconds: float = 0.0
    """Mean time until the answer was there."""
    repeats: float = 0.0
    """Share of questions that a job had to ask again."""


def experience(endpoint: Endpoint, task: str) -> Experience:
    """Of the latest questions of this kind; two queries."""
    asked = Call.objects.filter(endpoint=endpoint, purpose=task, reuses__isnull=True)
    latest = asked.order_by("-started_at")
    answered = latest.filter(state=Call.State.OK, completion_tokens__isnull=False)
    rows = list(answered.values_list("completion_tokens", "latency_ms")[:LATEST])
    repeats = list(latest.values_list("is_repeat", flat=True)[:LATEST])
    if not rows:
        return Experience()
    tokens = [tokens or 0 for tokens, _latency in rows]
    return Experience(
        calls=len(rows),
        completion_tokens=fmean(tokens),
        deviation=pstdev(tokens),
        seconds=fmean((latency or 0) / 1000 for _tokens, latency in rows),
        repeats=fmean(repeats),
    )


def abandoned(after: timedelta) -> list[UUID]:
    """Open calls that nobody waits for: so long after their endpoint's timeout, and no job held.

    Whoever asks within a job holds it at the call's attempt; an expired lease is left to the next
    claim. Of many the oldest come first. Two queries, one more for the timeouts that there are.
    """
    overdue = Q(pk__in=[])
    for seconds in Endpoint.objects.order_by().values_list("timeout", flat=True).distinct():
        since = Now() - (timedelta(seconds=seconds) + after)
        overdue |= Q(endpoint__timeout=seconds, started_at__lt=since)
    calls = Call.objects.open().filter(overdue).order_by("started_at")
    rows = list(calls.values_list("pk", "job_id", "attempt")[:ABANDONED_AT_ONCE])
    leased = Job.objects.filter(pk__in={job for _, job, _ in rows if job}, state=Job.State.LEASED)
    held = set(leased.values_list("pk", "attempt"))
    return [pk for pk, job, attempt in rows if (job, attempt) not in held]


@dataclass(frozen=True)
class Spending:
    """What questions have cost so far."""

    calls: int = 0
    open: int = 0
    """On their way."""
    wasted: int = 0
    """That may have been paid for and gave nothing."""
    reused: int = 0
    """Answered without asking."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = field(default_factory=Decimal)
    reserved: Decimal = field(default_factory=Decimal)
    """What the open ones may still cost; known only where a budget holds it."""
    unpriced: int = 0
    """Calls with tokens and no known price."""


def spending_of(jobs: QuerySet[Any], scope: str) -> Spending:
    """Of the calls of these jobs of one scope; two queries."""
    calls = Call.objects.filter(scope=scope, job_id__isnull=False, job_id__in=jobs.values("pk"))
    wasted = [Call.State.ERROR, Call.State.UNKNOWN, Call.State.LATE]
    sums = calls.aggregate(
        # Before the sums whose names are those of columns it asks about.
        unpriced=Count("pk", filter=Q(cost__isnull=True, prompt_tokens__isnull=False)),
        calls=Count("pk", filter=Q(reuses__isnull=True)),
        open=Count("pk", filter=Q(state=Call.State.SENT)),
        wasted=Count("pk", filter=Q(state__in=wasted)),
        reused=Count("pk", filter=Q(reuses__isnull=False)),
        prompt_tokens=Sum("prompt_tokens", default=0),
        completion_tokens=Sum("completion_tokens", default=0),
        cost=Sum("cost", default=Decimal(0)),
    )
    return Spending(**sums, reserved=_reserved(calls.filter(state=Call.State.SENT)))


def _reserved(open_calls: QuerySet[Call]) -> Decimal:
    """One call is reserved in several budgets, at the same price in each."""
    rows = Reservation.objects.filter(call__in=open_calls).order_by()
    held: Iterable[Decimal] = (
        rows.values("call").annotate(most=Max("cost")).values_list("most", flat=True)
    )
    return sum(held, Decimal(0))


@dataclass(frozen=True)
class Minute:
    """What an endpoint did in the last minute."""

    calls: int = 0
    limited: int = 0
    """Answered with 429."""
    errors: int = 0
    """Gave nothing usable, 429 included."""


def last_minute(endpoints: Sequence[Endpoint], since: Any) -> dict[Any, Minute]:
    """By endpoint, for those that were asked since then; one query."""
    calls = Call.objects.filter(endpoint__in=endpoints, started_at__gte=since, reuses=None)
    rows = calls.order_by().values("endpoint").annotate(
        calls=Count("pk"),
        limited=Count("pk", filter=Q(http_status=429)),
        errors=Count("pk", filter=Q(state__in=[Call.State.ERROR, Call.State.UNKNOWN])),
    )  # fmt: skip
    return {
        row["endpoint"]: Minute(row["calls"], row["limited"], row["errors"]) for row in rows
    }  # fmt: skip
