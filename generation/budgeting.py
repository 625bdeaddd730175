"""Whether the budgets that a run draws on hold what it is expected to need."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from llm.budgets import EACH, scope_of_endpoint, scope_of_participant
from llm.models import Budget, Endpoint
from work.models import Job, Run

SCOPES_AT_ONCE = 500


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


def budgets_for(run: Run, jobs: Sequence[Job], endpoint: Endpoint, need: Need) -> dict[str, Any]:
    """The budgets of the study and the endpoint, and for how many people theirs is too small.

    Rules in our own process spend from none.
    """
    if endpoint.is_baseline:
        return {"budgets": [], "people_short": 0}
    shared = Budget.objects.filter(scope__in=[run.scope, scope_of_endpoint(endpoint)])
    return {
        "budgets": [_line(budget, need) for budget in shared],
        "people_short": _people_short(run, jobs, need),
    }


def _people_short(run: Run, jobs: Sequence[Job], need: Need) -> int:
    """Of those who have no budget of their own yet the study's share for each counts."""
    people = Counter(scope_of_participant(job.subject) for job in jobs if job.subject)
    own = {budget.scope: budget for budget in _of(people)}
    share = Budget.objects.filter(scope=run.scope + EACH).first()
    found = [(own.get(scope, share), jobs_of_one) for scope, jobs_of_one in people.items()]
    return sum(
        budget is not None and _suffices(budget, need.share(count)) == "no"
        for budget, count in found
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
