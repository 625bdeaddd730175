"""What a claim chooses among: jobs whose time has come, in lanes that are open and have room.

Each is looked for with a single statement, locked for whoever claims it and passed over by others.
"""

from functools import cache

from django.db.models import F, Q

from work.actions.shelving import bury, put_aside
from work.lanes import NO_LANE, has_room, open_lanes
from work.models import Job, JobQuerySet, Run
from work.statements import Select

EXPIRED_AT_ONCE = PUT_ASIDE_AT_ONCE = 20
Kinds = tuple[str, ...] | None


def next_job(kinds: Kinds) -> Job | None:
    """The first that may be taken, with its row locked: those whose worker vanished go first.

    A lane that was filled meanwhile is passed over when it is looked at again, now locked.
    """
    if kinds == ():
        return None
    for first in (_first_expired, _first_due):
        while (job := first(kinds)) is not None:
            if has_room(job.lane):
                return job
    return None


def is_any(kinds: Kinds) -> bool:
    """Whether there is one; a few index look-ups and no lock."""
    jobs = _free(Job.objects.all(), kinds)
    return jobs.due().exists() or jobs.expired().exists()


def _first_expired(kinds: Kinds) -> Job | None:
    for job in _expired(kinds)():
        if job.tries >= job.max_attempts:
            bury(Job.objects.filter(pk=job.pk), "The worker vanished at every attempt.")
        elif not _is_stopped(job) or put_aside(job) is False:
            return job
    return None


def _first_due(kinds: Kinds) -> Job | None:
    for _ in range(PUT_ASIDE_AT_ONCE):
        job = next(iter(_due(kinds)()), None)
        if job is None or not _is_stopped(job):
            return job
        if (was_put_aside := put_aside(job)) is False:
            return job
        if was_put_aside is None:
            break
    return None


def _is_stopped(job: Job) -> bool:
    """Whether its run keeps it from being claimed."""
    return getattr(job, "run_state", None) not in (None, Run.State.RUNNING)


@cache
def _due(kinds: Kinds) -> Select[Job]:
    return Select(_locked(kinds).due().order_by("priority", "rank", "id")[:1])


@cache
def _expired(kinds: Kinds) -> Select[Job]:
    return Select(_locked(kinds).expired().order_by("lease_until", "id")[:EXPIRED_AT_ONCE])


def _locked(kinds: Kinds) -> JobQuerySet:
    # SQLite has no row locks and ignores this: its IMMEDIATE transaction lets one claim at a time.
    jobs = Job.objects.select_for_update(skip_locked=True, of=("self",))
    return _free(jobs.annotate(run_state=F("run__state")), kinds)


def _free(jobs: JobQuerySet, kinds: Kinds) -> JobQuerySet:
    in_open_lane = Q(lane=NO_LANE) | Q(lane__in=open_lanes())
    return jobs.of_kinds(None if kinds is None else list(kinds)).filter(in_open_lane)
