"""What the operator's page shows: queues, leases, workers, endpoints, budgets, promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Min, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import llm.invariants
import work.invariants
from llm.budgets import EACH
from llm.models import Budget, Endpoint, EndpointHealth
from llm.queries import Minute, last_minute
from studies.models import Study, User
from web.held import GOES_ON, STOPPED
from work.invariants import Check
from work.liveness import STAYING, living
from work.models import Job, Lane, WorkerHeartbeat

MINUTE = timedelta(seconds=60)
LONGEST_LIST = 20
"""Overdue leases and processes that are shown."""
BUDGETS_PER_PAGE = 50
WAITING = [Job.State.READY, Job.State.LEASED, Job.State.HELD, Job.State.DEAD]
Circuit = EndpointHealth.Circuit

CIRCUITS = {
    Circuit.CLOSED: gettext_lazy("asked"),
    Circuit.OPEN: gettext_lazy("left alone"),
    Circuit.HALF_OPEN: gettext_lazy("being probed"),
}


def queues() -> QuerySet[Any, Any]:
    """Per kind what is not done, and since when the first that is due waits; one query."""
    jobs = Job.objects.filter(state__in=WAITING).order_by().values("kind")
    due = Q(state=Job.State.READY, run_after__lte=Now())
    held = Q(state=Job.State.HELD)
    return jobs.annotate(
        ready=Count("pk", filter=Q(state=Job.State.READY)),
        leased=Count("pk", filter=Q(state=Job.State.LEASED)),
        stopped=Count("pk", filter=held & Q(run__state__in=STOPPED)),
        held=Count("pk", filter=held & GOES_ON),
        dead=Count("pk", filter=Q(state=Job.State.DEAD)),
        oldest=Min("run_after", filter=due),
    ).order_by("kind")


def slugs_seen_by(user: User | None) -> set[str]:
    """The studies whose pages somebody may open: running the site alone opens none. One query."""
    seen = Study.objects.visible_to(user) if user else Study.objects.none()
    return set(seen.values_list("slug", flat=True))


def overdue_leases() -> QuerySet[Job]:
    """Held by workers that did not come back in time, the longest overdue first; one query."""
    return Job.objects.expired().order_by("lease_until")[:LONGEST_LIST]


def processes() -> QuerySet[WorkerHeartbeat]:
    """Workers and sweepers heard of in the last day, whether each is alive; two queries.

    Of those that only helped for a while, such as a command, who is silent has ended.
    """
    is_alive = Case(When(living(), then=Value(True)), default=Value(False))
    rows = WorkerHeartbeat.objects.annotate(is_alive=is_alive)
    rows = rows.filter(Q(role__in=STAYING) | Q(is_alive=True))
    return rows.order_by("-is_alive", "role", "-at")[:LONGEST_LIST]


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """An endpoint with its circuit, its lane, and its last minute."""

    endpoint: Endpoint
    circuit: str
    reason: str
    until: datetime | None
    limit: int | None
    held: int
    minute: Minute
    is_left_alone: bool

    @property
    def circuit_title(self) -> str:
        """Whether it is asked, in words."""
        return str(CIRCUITS[Circuit(self.circuit)])


def endpoint_lines() -> list[EndpointLine]:
    """Every endpoint that is switched on; four queries."""
    endpoints = list(
        Endpoint.objects.filter(is_active=True)
        .exclude(protocol=Endpoint.Protocol.BASELINE)
        .select_related("health")
    )
    is_closed = Case(When(closed_until__gt=Now(), then=Value(True)), default=Value(False))
    names = [endpoint.lane for endpoint in endpoints]
    lanes = Lane.objects.filter(pk__in=names).annotate(is_closed=is_closed).in_bulk()
    leased = Job.objects.filter(lane__in=names, state=Job.State.LEASED, lease_until__gte=Now())
    held = dict(leased.order_by().values_list("lane").annotate(jobs=Count("pk")))
    minutes = last_minute(endpoints, Now() - MINUTE)
    return [_line(endpoint, lanes, held, minutes) for endpoint in endpoints]


def _line(
    endpoint: Endpoint,
    lanes: Mapping[str, Any],
    held: Mapping[str, int],
    minutes: Mapping[Any, Minute],
) -> EndpointLine:
    health, lane = getattr(endpoint, "health", None), lanes.get(endpoint.lane)
    closed = lane if lane and lane.is_closed else None
    circuit = health.circuit if health else Circuit.CLOSED
    reason = health.reason if health and circuit != Circuit.CLOSED else ""
    return EndpointLine(
        endpoint=endpoint,
        circuit=circuit,
        reason=reason or (closed.reason if closed else ""),
        until=closed.closed_until if closed else None,
        limit=lane.limit if lane else None,
        held=held.get(endpoint.lane, 0),
        minute=minutes.get(endpoint.pk, Minute()),
        is_left_alone=closed is not None or circuit != Circuit.CLOSED,
    )


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget with whose it is in words."""

    budget: Budget
    whose: str

    @property
    def share(self) -> float | None:
        """How much of it is taken, of calls or of cost, whichever is more; None: no limit."""
        budget, shares = self.budget, []
        if budget.max_calls is not None:
            shares.append(budget.calls / budget.max_calls if budget.max_calls else 1.0)
        if budget.max_cost is not None:
            taken = budget.reserved + budget.spent
            shares.append(float(taken / budget.max_cost) if budget.max_cost else 1.0)
        return max(shares, default=None)

    @property
    def is_nearly_spent(self) -> bool:
        """From 80 % on somebody should look."""
        return (self.share or 0.0) >= 0.8


def budget_page(number: str) -> Any:
    """Budgets of studies and endpoints; those of single people are only counted."""
    rows = Budget.objects.exclude(scope__startswith="participant:").order_by("scope")
    page: Any = Paginator(rows, BUDGETS_PER_PAGE).get_page(number)
    names = {str(pk): name for pk, name in Endpoint.objects.values_list("pk", "name")}
    page.object_list = [BudgetLine(row, _whose(row.scope, names)) for row in page.object_list]
    return page


def _whose(scope: str, endpoints: Mapping[str, str]) -> str:
    kind, _colon, name = scope.partition(":")
    if kind == "endpoint":
        return _("the endpoint %s") % endpoints.get(name, name)
    if scope.endswith(EACH):
        return _("each participant of %s") % name.removesuffix(EACH)
    return _("the study %s") % name


def people_with_budgets() -> dict[str, int]:
    """How many people have a budget of their own, and of how many it is spent; one query."""
    rows = Budget.objects.filter(scope__startswith="participant:")
    calls = Q(max_calls__isnull=False, calls__gte=F("max_calls"))
    cost = Q(max_cost__isnull=False, max_cost__lte=F("reserved") + F("spent"))
    return rows.aggregate(all=Count("pk"), spent=Count("pk", filter=calls | cost))


class BudgetForm(forms.Form):
    """Whose budget, and how much."""

    scope = forms.ChoiceField(label=gettext_lazy("Whose budget"))
    participant = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Only this participant"),
        help_text=gettext_lazy("Their ref, if it is the budget of one person of the study."),
    )
    max_calls = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        label=gettext_lazy("Calls"),
        help_text=gettext_lazy("Empty: any number."),
    )
    max_cost = forms.DecimalField(
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=9,
        required=False,
        label=gettext_lazy("Cost"),
        help_text=gettext_lazy("In the currency of the prices. Empty: any sum."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = scopes()


def scopes() -> list[tuple[str, str]]:
    """(scope, whose in words) of everything that may have a budget here; two queries."""
    studies = Study.objects.order_by("slug").values_list("slug", flat=True)
    endpoints = Endpoint.objects.exclude(protocol=Endpoint.Protocol.BASELINE).order_by("name")
    return [
        *(
            choice
            for slug in studies
            for choice in (
                (f"study:{slug}", _("the study %s") % slug),
                (f"study:{slug}{EACH}", _("each participant of %s") % slug),
            )
        ),
        *(
            (f"endpoint:{pk}", _("the endpoint %s") % name)
            for pk, name in endpoints.values_list("pk", "name")
        ),
    ]


def all_checks() -> list[Check]:
    """Every promise about jobs, calls and budgets; reads whole tables."""
    return sorted(
        [*work.invariants.checks(), *llm.invariants.checks()], key=lambda check: check.name
    )
