"""What machine work waits for: budgets, endpoints that are left alone, and who can change that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from llm.budgets import HELD_FOR
from llm.models import EndpointHealth
from studies.models import Study, User
from work.models import Job, Run

LONGEST_LIST = 12
STOPPED = (Run.State.PLANNED, Run.State.PAUSED)
"""Of runs whose jobs are held because somebody has not let them go."""
GOES_ON = Q(run__isnull=True) | Q(run__state=Run.State.RUNNING)
"""Of jobs: if they are held, then for what their last error says."""
FEW = 3
"""Names of operators that are shown."""


def as_reason(error: str) -> str:
    """A last error within a sentence: without the mark of its kind and without a full stop."""
    return error.removeprefix(HELD_FOR).rstrip().rstrip(".")


def operators() -> str:
    """Who runs this site, by their names; empty: nobody has an account for it. One query."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    return ", ".join(staff.values_list("username", flat=True)[:FEW])


@dataclass(frozen=True, slots=True)
class HeldJobs:
    """Jobs of one run that are held for one reason; those of no run have none."""

    run_id: object
    title: str
    scope: str
    error: str
    jobs: int
    state: str = ""
    """Of the run; empty where there is none."""

    @property
    def slug(self) -> str:
        """The study's."""
        return self.scope.partition(":")[2]


def held_jobs(scopes: Iterable[str] | None = None) -> list[HeldJobs]:
    """Those held for a person though their run goes on, by run and reason; one query.

    Of these studies, or of all.
    """
    held = Job.objects.filter(GOES_ON, state=Job.State.HELD)
    if scopes is not None:
        held = held.filter(scope__in=list(scopes))
    by = ("run", "run__title", "scope", "last_error")
    rows = held.order_by().values_list(*by).annotate(jobs=Count("pk"))
    return [
        HeldJobs(run, title or "", scope, error, jobs, Run.State.RUNNING if run else "")
        for run, title, scope, error, jobs in rows.order_by("-jobs", *by)[:LONGEST_LIST]
    ]


def stopped_jobs() -> list[HeldJobs]:
    """Those of runs that are planned or paused, the largest runs first; one query."""
    held = Job.objects.filter(state=Job.State.HELD, run__state__in=STOPPED)
    by = ("run", "run__title", "scope", "run__state")
    rows = held.order_by().values_list(*by).annotate(jobs=Count("pk"))
    return [
        HeldJobs(run, title, scope, "", jobs, state)
        for run, title, scope, state, jobs in rows.order_by("-jobs", *by)[:LONGEST_LIST]
    ]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """An endpoint that is not asked, why, and until when; None: until a person says so."""

    name: str
    reason: str
    until: datetime | None


def left_alone(study: Study) -> list[LeftAlone]:
    """The study's endpoints with an open circuit: those it names, and those its jobs wait for.

    Two queries.
    """
    names = {entry["name"] for entry in study.document.get("endpoints") or []} or {"default"}
    waiting = Job.objects.filter(scope=study.scope).unfinished().order_by()
    lanes = set(waiting.values_list("lane", flat=True).distinct())
    broken = EndpointHealth.objects.exclude(circuit=EndpointHealth.Circuit.CLOSED)
    rows = broken.filter(endpoint__is_active=True).select_related("endpoint")
    return [
        LeftAlone(row.endpoint.name, row.reason.rstrip("."), row.open_until)
        for row in rows.order_by("endpoint__name")
        if row.endpoint.name in names or row.endpoint.lane in lanes
    ]
