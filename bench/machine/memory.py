"""Whether a worker that is never replaced grows: its memory after so many jobs, and ten times."""

import os
import time
from typing import Any

from bench.chaos import material
from bench.chaos.ground import Ground
from bench.machine.throughput import plan_jobs
from bench.site import memory_mb
from llm.models import Endpoint
from work.actions.lanes import set_limit
from work.models import Job

AT_ONCE = 8


def measured(ground: Ground, jobs: int) -> dict[str, Any]:
    """Megabytes (PSS) after a tenth of the jobs, and after all of them."""
    endpoint = material.make_endpoint(ground.model_port)
    Endpoint.objects.filter(pk=endpoint.pk).update(max_concurrency=AT_ONCE)
    set_limit(lane=endpoint.lane, limit=AT_ONCE)
    plan_jobs("memory", jobs, endpoint)
    before = _done()
    own = dict(os.environ) | {"JOB_THREADS": str(AT_ONCE), "JOB_LEASE_SECONDS": "150"}
    ground.crew.add("worker-memory", own, "manage.py", "worker")
    try:
        early = _memory_after(ground, before + jobs // 10)
        late = _memory_after(ground, before + jobs)
    finally:
        ground.crew.stop()
        ground.crew.members.clear()
    return {
        "jobs": jobs,
        f"MB after {jobs // 10:,}": round(early, 1),
        f"MB after {jobs:,}": round(late, 1),
        "late ÷ early": round(late / early, 3),
    }


def _memory_after(ground: Ground, done: int) -> float:
    while _done() < done:
        ground.crew.tend()
        time.sleep(0.5)
    (member,) = ground.crew.members
    if member.starts > 1:
        raise SystemExit("The worker died and was started anew.")
    return sum(map(memory_mb, member.pids))


def _done() -> int:
    return Job.objects.filter(kind=material.KIND, state=Job.State.DONE).count()
