"""What a run is expected to take: calls, tokens, money and time, as its plan keeps it.

A sample of its jobs is rendered by the code that asks. Each question is priced at the endpoint that
it will be put to.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from generation.expected import Load, cost_of, least_certain, loads_of, repeats_of
from generation.questions import questions_of
from generation.ranges import sum_of
from llm.models import Endpoint
from work.models import Job, Lane, Run
from work.queries import living_workers

SAMPLE = 20
SEED = 4


def estimate_of(run: Run) -> dict[str, Any]:
    """What the run's waiting jobs are expected to take, as JSON; renders a sample of them."""
    waiting = run.jobs.filter(state__in=[Job.State.HELD, Job.State.READY])
    jobs = list(waiting.order_by("idem_key").values_list("pk", flat=True))
    chosen = random.Random(SEED).sample(jobs, min(SAMPLE, len(jobs)))
    found = Job.objects.in_bulk(chosen)
    sampled = [found[pk] for pk in chosen if pk in found]
    own = Endpoint.objects.filter(pk__in={job.payload.get("endpoint") for job in sampled}).first()
    if own is None:
        return {"jobs": len(jobs), "sampled": len(sampled), "calls": None}
    loads = loads_of(own, [questions_of(job) for job in sampled], len(jobs))
    return {"jobs": len(jobs), "sampled": len(sampled), **_worked_out(loads)}


def _worked_out(loads: Sequence[Load]) -> dict[str, Any]:
    """The figures of all endpoints together, and of each."""
    answers, cost = least_certain(loads), cost_of(loads)
    return {
        "calls": sum_of(load.calls for load in loads).as_numbers(),
        "prompt_tokens": sum_of(load.sent for load in loads).as_numbers(),
        "completion_tokens": sum_of(load.received for load in loads).as_numbers(),
        "answers_known_from": answers.known_from,
        "tokens_per_answer": answers.tokens.as_numbers(),
        "repeats": round(repeats_of(loads), 3),
        "cost": cost and {name: str(value) for name, value in cost.items()},
        **_time(loads),
        "endpoints": [_of_endpoint(load) for load in loads],
    }


def _of_endpoint(load: Load) -> dict[str, Any]:
    return {
        "id": str(load.endpoint.pk),
        "endpoint": load.endpoint.name,
        "calls": load.calls.as_numbers(),
        "prompt_tokens": load.sent.as_numbers(),
        "completion_tokens": load.received.as_numbers(),
        "cost": load.cost and {name: str(value) for name, value in load.cost.items()},
    }


# -- Time ----------------------------------------------------------------------


def _time(loads: Sequence[Load]) -> dict[str, Any]:
    """Seconds at the endpoints' pace and concurrency, and which of that is the limit, of whom.

    No seconds where nothing is known of how long it takes to answer and no pace is set.
    """
    limits = [*_of_own_lane(loads), *(limit for load in loads for limit in _limits(load))]
    if not limits:
        at_once = _at_once(loads[0].endpoint)
        return {"seconds": None, "limited_by": None, "limited_at": None, "at_once": at_once}
    (expected, high), limit, endpoint = max(limits, key=lambda one: one[0])
    return {
        "seconds": {"expected": round(expected, 1), "high": round(high, 1)},
        "limited_by": limit,
        "limited_at": endpoint.name,
        "at_once": _at_once(endpoint),
    }


Limit = tuple[tuple[float, float], str, Endpoint]
"""Seconds expected and at most, by what of which endpoint."""


def _of_own_lane(loads: Sequence[Load]) -> Iterator[Limit]:
    """A job is in its own endpoint's lane whomever it asks, and asks one after the other."""
    seconds = [load.seconds for load in loads]
    known = [one for one in seconds if one is not None]
    if loads[0].portions and len(known) == len(seconds):
        own = loads[0].endpoint
        at_once = _at_once(own)
        expected, high = (sum(ends) / at_once for ends in zip(*known, strict=True))
        yield (expected, high), "concurrency", own


def _limits(load: Load) -> Iterator[Limit]:
    endpoint, calls = load.endpoint, load.calls
    if load.portions and load.seconds is not None:
        at_once = _at_once(endpoint)
        expected, high = (seconds / at_once for seconds in load.seconds)
        yield (expected, high), "concurrency", endpoint
    if pace := endpoint.requests_per_minute:
        yield (60 * calls.expected / pace, 60 * calls.high / pace), "requests", endpoint
    if pace := endpoint.tokens_per_minute:
        tokens = sum_of([load.sent, load.received])
        yield (60 * tokens.expected / pace, 60 * tokens.high / pace), "tokens", endpoint


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
    return len({owner.partition("@")[2] for owner in living_workers()})
