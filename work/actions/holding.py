"""Letting jobs go that were held: for want of something that is there now, or with their run."""

from django.db.models import F, Min, Q
from django.db.models.functions import Now

from work.claims import GIVE_UP_AFTER
from work.models import Job, JobQuerySet, Run
from work.queue import from_now
from work.ranks import first_free_rank


def let_go(jobs: JobQuerySet, *, held_for: str) -> int:
    """Those of them that were held with this reason, unless their run keeps them; how many."""
    free = Q(run__isnull=True) | Q(run__state=Run.State.RUNNING)
    held = jobs.filter(free, state=Job.State.HELD, last_error__startswith=held_for)
    return release(Job.objects.filter(pk__in=held.values("pk")))


def release(jobs: JobQuerySet) -> int:
    """Let those of them go that are held; how many. They queue up as if they were new.

    Else thousands that were planned long ago would all go before what others wait for.
    """
    held = jobs.filter(state=Job.State.HELD)
    kinds = held.order_by().values_list("scope", "priority").annotate(first=Min("rank"))
    return sum(_release(held, *kind) for kind in list(kinds))


def _release(held: JobQuerySet, scope: str, priority: int, first: int) -> int:
    return held.filter(scope=scope, priority=priority).update(
        state=Job.State.READY,
        rank=F("rank") + (first_free_rank(scope, priority) - first),
        run_after=Now(),
        give_up_at=from_now(GIVE_UP_AFTER),
        last_error="",
    )
