"""Whether the budgets that a run draws on hold, as they are now, what it is expected to need.

What it needs was worked out when it was planned and stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from llm.budgets import EACH, scope_of_endpoint, scope_of_participant
from llm.models import LIMITS, Budget, Endpoint
from work.models import Job, Run

SCOPES_AT_ONCE = 500
LEFT = (Job.State.HELD, Job.State.READY, Job.State.LEASED)
"""States of jobs that may still ask."""


@dataclass(frozen=True)
class Need:
    """What all jobs of a run are expected to need."""

    jobs: int
    calls: int
    most_calls: int
    cost: Decimal | None
    """None: no price is known."""
    most_cost: Decimal | None
    is_bounded: bool = True
    """Whether it can be foreseen what a question costs at most; no budget in money can else."""

    def share(self, jobs: int) -> "Need":
        """What so many of the jobs need."""
        return Need(
            jobs,
            -(-self.calls * jobs // self.jobs),
            -(-self.most_calls * jobs // self.jobs),
            None if self.cost is None else self.cost * jobs / self.jobs,
            None if self.most_cost is None else self.most_cost * jobs / self.jobs,
            self.is_bounded,
        )


def budgets_for(run: Run) -> dict[str, Any]:
    """The budgets of the study and of each endpoint, and how many people's are too small.

    Each endpoint's is compared with what its jobs that are left will ask it, the others with all
    that they ask. Rules in our own process spend from none. Nothing of a run without an estimate.
    """
    left = min(run.jobs.filter(state__in=LEFT).count(), run.estimate.get("jobs", 0))
    needs = _needs(run.estimate, left) if left else {}
    if not needs:
        return {"budgets": [], "people_short": 0}
    whole = _together(list(needs.values()))
    shared = Budget.objects.filter(scope__in=[run.scope, *needs])
    return {
        "budgets": [_line(budget, needs.get(budget.scope, whole)) for budget in shared],
        "people_short": _people_short(run, whole),
    }


def _needs(estimate: Mapping[str, Any], left: int) -> dict[str, Need]:
    """What so many jobs need of each endpoint that costs anything, by the scope of its budget."""
    parts = {part["id"]: part for part in estimate.get("endpoints", [])}
    asked = Endpoint.objects.filter(pk__in=parts).exclude(protocol=Endpoint.Protocol.BASELINE)
    return {
        scope_of_endpoint(endpoint): _need(
            endpoint, parts[str(endpoint.pk)], estimate["jobs"]
        ).share(left)
        for endpoint in asked
    }


def _need(endpoint: Endpoint, part: Mapping[str, Any], jobs: int) -> Need:
    return Need(
        jobs=jobs,
        calls=part["calls"]["expected"],
        most_calls=part["calls"]["high"],
        cost=_cost(endpoint, part, "expected"),
        most_cost=_cost(endpoint, part, "high"),
        is_bounded=_is_bounded(endpoint),
    )


def _cost(endpoint: Endpoint, part: Mapping[str, Any], end: str) -> Decimal | None:
    """As it was foreseen; where there was no price, by the one that there may be now."""
    if part["cost"]:
        return Decimal(part["cost"][end])
    return endpoint.cost_of(part["prompt_tokens"][end], part["completion_tokens"][end])


def _is_bounded(endpoint: Endpoint) -> bool:
    """Vectors have no length that could be limited."""
    limits = [endpoint.max_output_tokens, *(endpoint.extra_params.get(name) for name in LIMITS)]
    return endpoint.protocol == Endpoint.Protocol.EMBEDDINGS or any(limits)


def _together(needs: Sequence[Need]) -> Need:
    """What several endpoints need of one budget."""
    return Need(
        jobs=needs[0].jobs,
        calls=sum(need.calls for need in needs),
        most_calls=sum(need.most_calls for need in needs),
        cost=_sum([need.cost for need in needs]),
        most_cost=_sum([need.most_cost for need in needs]),
        is_bounded=all(need.is_bounded for need in needs),
    )


def _sum(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _people_short(run: Run, need: Need) -> int:
    """Of those who have no budget of their own yet the study's share for each counts."""
    subjects = run.jobs.filter(state__in=LEFT, subject__isnull=False).order_by()
    people = {
        scope_of_participant(subject): jobs
        for subject, jobs in subjects.values_list("subject").annotate(jobs=Count("pk"))
    }
    own = {budget.scope: budget for budget in _of(people)}
    share = Budget.objects.filter(scope=run.scope + EACH).first()
    found = [(own.get(scope, share), jobs) for scope, jobs in people.items()]
    return sum(
        budget is not None and _suffices(budget, need.share(jobs)) == "no" for budget, jobs in found
    )


def _of(scopes: Iterable[str]) -> Iterable[Budget]:
    names = sorted(scopes)
    for start in range(0, len(names), SCOPES_AT_ONCE):
        yield from Budget.objects.filter(scope__in=names[start : start + SCOPES_AT_ONCE])


def _line(budget: Budget, need: Need) -> dict[str, Any]:
    calls, cost = calls_left(budget), cost_left(budget)
    return {
        "scope": budget.scope,
        "calls_left": calls,
        "cost_left": None if cost is None else str(cost),
        "suffices": _suffices(budget, need),
    }


def calls_left(budget: Budget) -> int | None:
    """How many more it allows; None: any number."""
    return None if budget.max_calls is None else max(budget.max_calls - budget.calls, 0)


def cost_left(budget: Budget) -> Decimal | None:
    """How much more it allows; None: any sum."""
    if budget.max_cost is None:
        return None
    return max(budget.max_cost - budget.reserved - budget.spent, Decimal(0))


def _suffices(budget: Budget, need: Need) -> str:
    """yes, perhaps (for what is expected, not for the most), no, or unbounded (no price or limit).

    A question is only asked if the most that it may cost is known and there is room for it.
    """
    calls, cost = calls_left(budget), cost_left(budget)
    if calls is not None and calls < need.calls:
        return "no"
    if cost is not None and (need.cost is None or not need.is_bounded):
        return "unbounded"
    if cost is not None and need.cost is not None and cost < need.cost:
        return "no"
    is_tight = calls is not None and calls < need.most_calls
    if cost is not None and need.most_cost is not None and cost < need.most_cost:
        is_tight = True
    return "perhaps" if is_tight else "yes"
