"""How the site is doing, in figures that a monitor collects: everything read from the database.

So the answer is the same whichever process gives it, and none has to be running for the others'.
Participants' budgets are summed up: a figure per person would say who is in a study.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Now
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from llm.models import Budget, Call, Endpoint, EndpointHealth
from work.models import Job, Lane, Run, WorkerHeartbeat
from work.queries import with_standing

PREFIX = "firsthand_"
PARTICIPANTS = "participant:"

Rows = Iterable[tuple[Iterable[object], float | Decimal]]
Names = dict[str, str]


def as_text() -> bytes:
    """All figures in the text format of Prometheus; the same number of queries for any site."""
    registry = CollectorRegistry()
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures(Collector):
    """Reads the figures anew whenever it is asked."""

    def describe(self) -> list[Metric]:
        """Nothing: the registry would collect once to learn the names."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family, in the order in which work goes."""
        names = {str(pk): name for pk, name in Endpoint.objects.values_list("pk", "name")}
        yield from _jobs()
        yield from _workers_and_runs()
        yield from _lanes(names)
        yield from _circuits(names)
        yield from _calls(names)
        yield from _budgets(names)


def _gauge(name: str, what: str, labels: list[str], rows: Rows) -> Metric:
    return _filled(GaugeMetricFamily(PREFIX + name, what, labels=labels), rows)


def _total(name: str, what: str, labels: list[str], rows: Rows) -> Metric:
    return _filled(CounterMetricFamily(PREFIX + name, what, labels=labels), rows)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, rows: Rows) -> Metric:
    for labels, value in rows:
        family.add_metric([str(label) for label in labels], float(value))
    return family


def _counted(rows: QuerySet[Any], *by: str) -> Rows:
    counted = rows.order_by(*by).values_list(*by).annotate(rows=Count("pk"))
    return [(row[:-1], row[-1]) for row in counted]


# -- Work ----------------------------------------------------------------------


def _jobs() -> Iterator[Metric]:
    states = _counted(Job.objects.all(), "kind", "state")
    yield _gauge("jobs", "Jobs by kind and state.", ["kind", "state"], states)
    due = Job.objects.due().order_by("run_after").annotate(now=Now())
    oldest = due.values_list("run_after", "now").first()
    waits = (oldest[1] - oldest[0]).total_seconds() if oldest else 0
    yield _gauge("oldest_due_job_seconds", "How long the first job is due.", [], [([], waits)])
    overdue = Job.objects.expired().count()
    yield _gauge("leases_overdue", "Jobs whose worker did not come back.", [], [([], overdue)])


def _workers_and_runs() -> Iterator[Metric]:
    living = WorkerHeartbeat.objects.filter(at__gte=Now() - WorkerHeartbeat.LIVING)
    alive = _counted(living, "role")
    yield _gauge("workers_alive", "Processes that have shown themselves lately.", ["role"], alive)
    runs = _counted(with_standing(Run.objects.all()), "standing")
    yield _gauge("runs", "Runs by state.", ["state"], runs)


def _lanes(names: Names) -> Iterator[Metric]:
    lanes = list(Lane.objects.order_by("name").annotate(now=Now()))
    limits = [([_named(row.name, names)], row.limit) for row in lanes if row.limit is not None]
    yield _gauge("lane_limit", "Jobs that may be held at once.", ["lane"], limits)
    closed = [([_named(row.name, names)], _is_closed(row)) for row in lanes]
    yield _gauge("lane_closed", "1 while nobody takes a job of the lane.", ["lane"], closed)
    held = Job.objects.filter(state=Job.State.LEASED, lease_until__gte=Now()).exclude(lane="")
    counts = {lane: jobs for (lane,), jobs in _counted(held, "lane")}
    rows = [([_named(row.name, names)], counts.get(row.name, 0)) for row in lanes]
    yield _gauge("lane_held", "Jobs that are held.", ["lane"], rows)


def _is_closed(lane: Any) -> bool:
    return lane.closed_until is not None and lane.closed_until > lane.now


def _named(scope: str, names: Names) -> str:
    """A lane or a scope with the endpoint's name in place of its id."""
    kind, _, key = scope.partition(":")
    return f"endpoint:{names.get(key, key)}" if kind == "endpoint" else scope


# -- Models --------------------------------------------------------------------


def _circuits(names: Names) -> Iterator[Metric]:
    found = EndpointHealth.objects.order_by("endpoint__name").values_list("endpoint_id", "circuit")
    rows = [
        ([names.get(str(pk), pk), state], state == circuit)
        for pk, circuit in found
        for state in EndpointHealth.Circuit.values
    ]
    labels = ["endpoint", "state"]
    yield _gauge("circuit", "1 for the state that an endpoint's circuit is in.", labels, rows)


def _calls(names: Names) -> Iterator[Metric]:
    by = ("endpoint__name", "state", "outcome")
    calls = Call.objects.filter(reuses__isnull=True).order_by(*by).values_list(*by)
    sums = calls.annotate(
        rows=Count("pk"), sent=Sum("prompt_tokens"), got=Sum("completion_tokens"), paid=Sum("cost")
    )
    found = [(row[:3], row[3:]) for row in sums]
    labels = ["endpoint", "state", "outcome"]
    rows = [(key, values[0]) for key, values in found]
    yield _total("calls", "Questions put to models.", labels, rows)
    for at, name, what in [
        (1, "prompt_tokens", "Tokens sent."),
        (2, "completion_tokens", "Tokens received."),
        (3, "cost", "What calls cost, in the currency of the prices."),
    ]:
        yield _total(name, what, labels, [(key, values[at] or 0) for key, values in found])
    reused = Call.objects.filter(reuses__isnull=False)
    served = _counted(reused, "endpoint__name")
    yield _total("calls_reused", "Questions that an earlier answer served.", ["endpoint"], served)


def _budgets(names: Names) -> Iterator[Metric]:
    columns = ("reserved", "spent", "overrun", "max_cost", "calls", "max_calls")
    people = Budget.objects.filter(scope__startswith=PARTICIPANTS)
    summed = people.aggregate(**{column: Sum(column) for column in columns})
    rows = list(Budget.objects.exclude(pk__in=people.values("pk")).values("scope", *columns))
    if summed["calls"] is not None:
        rows.append({"scope": "participants", **summed})
    for column in columns:
        known = [
            ([_named(row["scope"], names)], row[column]) for row in rows if row[column] is not None
        ]
        yield _gauge(f"budget_{column}", _BUDGET[column], ["scope"], known)


_BUDGET = {
    "reserved": "What open calls may cost.",
    "spent": "What was spent.",
    "overrun": "What was charged beyond what the budget holds.",
    "max_cost": "What may be spent.",
    "calls": "Questions that were put.",
    "max_calls": "Questions that may be put.",
}
