"""Letting jobs go again that were held for want of something that is there now."""

from django.db.models import Q
from django.db.models.functions import Now

from work.claims import GIVE_UP_AFTER
from work.models import Job, JobQuerySet, Run
from work.queue import from_now


def let_go(jobs: JobQuerySet, *, held_for: str) -> int:
    """Those of them that were held with this reason, unless their run keeps them; how many."""
    free = Q(run__isnull=True) | Q(run__state=Run.State.RUNNING)
    held = jobs.filter(free, state=Job.State.HELD, last_error__startswith=held_for)
    return Job.objects.filter(pk__in=held.values("pk"), state=Job.State.HELD).update(
        state=Job.State.READY, run_after=Now(), give_up_at=from_now(GIVE_UP_AFTER), last_error=""
    )
