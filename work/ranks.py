"""The order in which waiting jobs are taken, so that no study waits for another's thousands."""

from collections import defaultdict

from django.db.models import Max, Min

from work.models import Job


def with_ranks(jobs: list[Job]) -> list[Job]:
    """Rank new jobs so that scopes take turns: start-time fair queueing with equal weights.

    A scope's jobs stand one rank apart, beginning where the queue as a whole has arrived, so ten
    thousand jobs of one study cannot make another wait. Ranks order, they promise nothing.
    """
    of_scope: dict[tuple[str, int], list[Job]] = defaultdict(list)
    for job in jobs:
        of_scope[job.scope, job.priority].append(job)
    for (scope, priority), own in of_scope.items():
        start = first_free_rank(scope, priority)
        for rank, job in enumerate(own, start):
            job.rank = rank
    return jobs


def first_free_rank(scope: str, priority: int) -> int:
    """Where the scope's next job stands: behind its own that wait, and not before the front."""
    waiting = Job.objects.filter(state=Job.State.READY, priority=priority)
    front = waiting.aggregate(rank=Min("rank"))["rank"] or 0
    last = waiting.filter(scope=scope).aggregate(rank=Max("rank"))["rank"]
    return front if last is None else max(front, last + 1)
