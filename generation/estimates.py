"""What a run is expected to take: calls, tokens, money, time, and whether the budgets suffice.

A sample of its jobs is rendered by the code that asks. Tokens are estimated from characters, as
the ledger does where a server reports none; answers are as long as the ledger knows them to be.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import fmean, pstdev
from typing import Any

from django.conf import settings

from generation.budgeting import Need, budgets_for
from generation.questions import questions_of
from llm.budgets import LIMITS
from llm.exchange import Prompt
from llm.ledger import CHARACTERS_PER_TOKEN
from llm.models import Endpoint
from llm.queries import Experience, experience
from work.models import Job, Lane, Run
from work.queries import living_workers

SAMPLE = 20
SEED = 4
ENOUGH_CALLS = 20
"""From so many answers on the ledger is believed."""
ASSUMED_TOKENS = 500
"""Of an answer, where neither the ledger nor the endpoint says anything."""
ASSUMED_FACTOR = 3
"""How many times more or fewer such an answer may have."""
CONFIDENCE = 1.96
"""Standard errors on either side of a mean: 95 % of samples hold it."""


@dataclass(frozen=True)
class Range:
    """A figure and between what it lies."""

    low: float
    expected: float
    high: float

    def times(self, low: float, expected: float, high: float) -> "Range":
        """Each end multiplied."""
        return Range(self.low * low, self.expected * expected, self.high * high)

    def as_numbers(self) -> dict[str, int]:
        """Whole numbers, for JSON."""
        return {
            "low": round(self.low), "expected": round(self.expected), "high": round(self.high),
        }  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """How long an answer is, and how that is known."""

    tokens: Range
    known_from: str
    """ledger, limit, assumption, rules, or nothing if nothing is asked."""


NO_ANSWERS = Answers(Range(0, 0, 0), "nothing")


def estimate_of(run: Run) -> dict[str, Any]:
    """What the run's waiting jobs are expected to take, as JSON; renders a sample of them."""
    jobs = list(run.jobs.filter(state__in=[Job.State.HELD, Job.State.READY]).order_by("idem_key"))
    sampled = random.Random(SEED).sample(jobs, min(SAMPLE, len(jobs)))
    endpoint = Endpoint.objects.filter(pk__in={job.payload.get("endpoint") for job in jobs}).first()
    asked = [questions_of(job) for job in sampled]
    if endpoint is None:
        return {"jobs": len(jobs), "sampled": len(sampled), "calls": None}
    return _worked_out(run, jobs, asked, endpoint)


def _worked_out(
    run: Run, jobs: Sequence[Job], asked: Sequence[Sequence[Prompt]], endpoint: Endpoint
) -> dict[str, Any]:
    known, answers = _expected(endpoint, asked)
    calls = _total([float(len(prompts)) for prompts in asked], len(jobs))
    again = 1 + known.repeats
    calls = Range(calls.low, calls.expected, calls.high * again)
    sent = _total([_tokens_of(prompts) for prompts in asked], len(jobs)).times(1, 1, again)
    if endpoint.is_baseline:
        sent = Range(0, 0, 0)
    received = answers.tokens.times(calls.low, calls.expected, calls.high)
    cost = _cost(endpoint, sent, received)
    return {
        "jobs": len(jobs),
        "sampled": len(asked),
        "calls": calls.as_numbers(),
        "prompt_tokens": sent.as_numbers(),
        "completion_tokens": received.as_numbers(),
        "answers_known_from": answers.known_from,
        "tokens_per_answer": answers.tokens.as_numbers(),
        "repeats": round(known.repeats, 3),
        "cost": cost and {name: str(value) for name, value in cost.items()},
        **_time(endpoint, calls, sent, received, known),
        **budgets_for(run, jobs, endpoint, _need(endpoint, calls, cost, len(jobs))),
    }


def _expected(endpoint: Endpoint, asked: Sequence[Sequence[Prompt]]) -> tuple[Experience, Answers]:
    """What the ledger knows of such questions, and how long their answers will be."""
    first = next((prompts[0] for prompts in asked if prompts), None)
    if first is None:
        return Experience(), NO_ANSWERS
    known = experience(endpoint, first.task)
    return known, _answers(endpoint, first, known)


def _need(endpoint: Endpoint, calls: Range, cost: dict[str, Decimal] | None, jobs: int) -> Need:
    spent = cost or {}
    limits = [endpoint.max_output_tokens, *(endpoint.extra_params.get(name) for name in LIMITS)]
    return Need(
        jobs=jobs,
        calls=round(calls.expected),
        most_calls=round(calls.high),
        cost=spent.get("expected"),
        most_cost=spent.get("high"),
        is_bounded=any(limits),
    )


def _tokens_of(prompts: Sequence[Prompt]) -> float:
    texts = (message.get("content", "") for prompt in prompts for message in prompt.messages)
    return sum(len(text) for text in texts) / CHARACTERS_PER_TOKEN


def _total(sample: Sequence[float], count: int) -> Range:
    """The sum over so many, of which a sample is known: its mean with a 95 % interval.

    The interval has the correction for samples of a finite whole (Cochran 1977, 2.15).
    """
    mean, known = fmean(sample), len(sample)
    if known == count:
        return Range(mean * count, mean * count, mean * count)
    error = pstdev(sample) / sqrt(max(known - 1, 1)) * sqrt(1 - known / count)
    return Range(
        max(mean - CONFIDENCE * error, 0.0) * count,
        mean * count,
        (mean + CONFIDENCE * error) * count,
    )


def _answers(endpoint: Endpoint, prompt: Prompt, known: Experience) -> Answers:
    if endpoint.is_baseline:
        return Answers(Range(0, 0, 0), "rules")
    if known.calls >= ENOUGH_CALLS:
        error = CONFIDENCE * known.deviation / sqrt(known.calls)
        mean = known.completion_tokens
        return Answers(Range(max(mean - error, 0.0), mean, mean + error), "ledger")
    if limit := prompt.max_tokens or endpoint.max_output_tokens:
        return Answers(Range(0, limit, limit), "limit")
    low, high = ASSUMED_TOKENS / ASSUMED_FACTOR, ASSUMED_TOKENS * ASSUMED_FACTOR
    return Answers(Range(low, ASSUMED_TOKENS, high), "assumption")


def _cost(endpoint: Endpoint, sent: Range, received: Range) -> dict[str, Decimal] | None:
    """None where no price is known."""
    if endpoint.is_baseline:
        return dict.fromkeys(("low", "expected", "high"), Decimal(0))
    found = {}
    for name, prompt in sent.as_numbers().items():
        cost = endpoint.cost_of(prompt, received.as_numbers()[name])
        if cost is None:
            return None
        found[name] = cost
    return found


def _time(
    endpoint: Endpoint, calls: Range, sent: Range, received: Range, known: Experience
) -> dict[str, Any]:
    """Seconds at the endpoint's pace and concurrency, and which of them is the limit.

    No seconds where nothing is known of how long it takes to answer and no pace is set.
    """
    at_once = _at_once(endpoint)
    seconds: dict[str, tuple[float, float]] = {}
    if known.calls >= ENOUGH_CALLS:
        each = known.seconds / at_once
        seconds["concurrency"] = (calls.expected * each, calls.high * each)
    if pace := endpoint.requests_per_minute:
        seconds["requests"] = (60 * calls.expected / pace, 60 * calls.high / pace)
    if pace := endpoint.tokens_per_minute:
        tokens = (sent.expected + received.expected, sent.high + received.high)
        seconds["tokens"] = (60 * tokens[0] / pace, 60 * tokens[1] / pace)
    if not seconds:
        return {"seconds": None, "limited_by": None, "at_once": at_once}
    limit = max(seconds, key=lambda name: seconds[name])
    expected, high = (round(value, 1) for value in seconds[limit])
    return {
        "seconds": {"expected": expected, "high": high},
        "limited_by": limit,
        "at_once": at_once,
    }


def _at_once(endpoint: Endpoint) -> int:
    """How many questions can be open at once: what the lane lets in, and the workers manage."""
    lane = Lane.objects.filter(pk=endpoint.lane).first()
    limits = [endpoint.max_concurrency]
    if lane and lane.limit:
        limits.append(lane.limit)
    if processes := _working_processes():
        limits.append(processes * settings.JOB_THREADS)
    return min(limits)


def _working_processes() -> int:
    """Those that were heard of lately; one may do jobs in two roles, after a ring and without."""
    owners = [*living_workers("worker"), *living_workers("celery")]
    return len({owner.partition("@")[2] for owner in owners})
