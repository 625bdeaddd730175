"""How many calls a second two worker processes make to an endpoint that takes half a second."""

import os
import time
from collections.abc import Sequence
from typing import Any

from django.db import connection

from bench.chaos import material
from bench.chaos.ground import Ground
from bench.site import cpu_of, family
from generation.actions.runs import plan_run
from llm.models import Call, Endpoint
from studies.models import Study
from work import queue
from work.actions.lanes import set_limit
from work.execution import execute
from work.models import Job

LATENCY = 0.5
PROCESSES = 2
WARM_SECONDS = 4.0
START_SECONDS = 120.0


def measured(ground: Ground, at_once: Sequence[int], seconds: float) -> list[dict[str, Any]]:
    """A row for each number of calls that may be under way at once."""
    endpoint = material.make_endpoint(ground.model_port)
    return [_row(ground, endpoint, number, seconds) for number in at_once]


def queries_of_a_job(endpoint: Endpoint, *, has_budget: bool) -> dict[str, int]:
    """Statements of one job from its claim to its end, by their first word."""
    plan_jobs(f"queries-{has_budget}".lower(), 2, endpoint, has_budget=has_budget)
    counted: dict[str, int] = {}

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        word = sql.split(None, 1)[0]
        counted[word] = counted.get(word, 0) + 1
        return execute(sql, *rest)

    for _ in range(2):  # the first one also learns what the endpoint takes
        counted.clear()
        with connection.execute_wrapper(count):
            claim = queue.claim("bench", ["extraction"])
            assert claim is not None
            execute(claim)
    return {"all": sum(counted.values()), **counted}


def plan_jobs(slug: str, jobs: int, endpoint: Endpoint, *, has_budget: bool = False) -> None:
    """A study of so many conversations, all of which are to be read."""
    material.make_study(slug, jobs, has_budget=has_budget)
    study = Study.objects.get(slug=slug)
    plan_run(study=study, stage=material.KIND, endpoint=endpoint, by=material.USER)


def _row(ground: Ground, endpoint: Endpoint, at_once: int, seconds: float) -> dict[str, Any]:
    ceiling = at_once / LATENCY
    _open_to(endpoint, at_once)
    plan_jobs(f"at-once-{at_once}", round(ceiling * (seconds + 4 * WARM_SECONDS)), endpoint)
    threads = str(-(-at_once // PROCESSES) + 1)
    own = dict(os.environ) | {"JOB_THREADS": threads, "JOB_LEASE_SECONDS": "150"}
    for number in range(PROCESSES):
        ground.crew.add(f"worker-{at_once}-{number}", own, "manage.py", "worker")
    try:
        _wait_for_calls(at_once * 2)
        time.sleep(WARM_SECONDS)
        rate, cpu = _observe(ground, seconds)
    finally:
        ground.crew.stop()
        ground.crew.members.clear()
        Job.objects.unfinished().update(state="cancelled", lease_until=None)
    return {
        "at once": at_once,
        "calls per second": round(rate, 1),
        "share of at once ÷ latency": round(rate / ceiling, 3),
        **{f"{name}, CPU ms per call": round(1000 * used / rate, 1) for name, used in cpu.items()},
    }


def _open_to(endpoint: Endpoint, at_once: int) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(max_concurrency=at_once)
    set_limit(lane=endpoint.lane, limit=at_once)


def _wait_for_calls(count: int) -> None:
    """Return once so many calls of the newest run were answered: the workers are up."""
    before = _answered()
    deadline = time.monotonic() + START_SECONDS
    while _answered() - before < count:
        if time.monotonic() > deadline:
            raise SystemExit("The workers do not work.")
        time.sleep(0.2)


def _observe(ground: Ground, seconds: float) -> tuple[float, dict[str, float]]:
    """Answers per second, and the CPU seconds per second of workers and database."""
    began, answered, used = time.monotonic(), _answered(), _cpu(ground)
    time.sleep(seconds)
    lasted = time.monotonic() - began
    rate = (_answered() - answered) / lasted
    return rate, {name: (now - used[name]) / lasted for name, now in _cpu(ground).items()}


def _answered() -> int:
    return Call.objects.filter(state=Call.State.OK).count()


def _cpu(ground: Ground) -> dict[str, float]:
    assert ground.database.process is not None
    workers = [pid for member in ground.crew.members for pid in member.pids]
    return {
        "workers": sum(map(cpu_of, workers)),
        "database": sum(map(cpu_of, family(ground.database.process.pid))),
    }
