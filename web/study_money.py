"""What a study has cost, and how much of its budget is left, as its page tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from annotation.choices import Stage
from annotation.counting import Standing
from llm.models import Budget
from studies.models import Payment, Study
from web.runs_page import money

NEARLY_USED = Decimal("0.8")
"""The share of a budget from which on its study's page asks for somebody."""
NO_MONEY = Decimal(0)


@dataclass(frozen=True, slots=True)
class Owed:
    """What people have earned in one currency, and what of it came to a finished task."""

    amount: Decimal
    currency: str
    per_task: Decimal | None
    """Of what was earned by judging; None where nothing was judged or paid for it."""


@dataclass(frozen=True, slots=True)
class Money:
    """What a study has cost so far."""

    people: list[Owed]
    models: Decimal
    per_answer: Decimal | None
    """Of a judge's; None where none answered or no price is known."""

    @property
    def is_nothing(self) -> bool:
        """Neither people nor models have cost anything."""
        return not (self.people or self.models)


def money_of(study: Study, stands: Standing) -> Money:
    """One query."""
    answers = _done(stands.progress, is_llm=True)
    return Money(
        people=_owed(study, _done(stands.progress, is_llm=False)),
        models=stands.cost,
        per_answer=stands.judging_cost / answers if answers and stands.judging_cost else None,
    )


def _done(rows: Sequence[dict[str, Any]], *, is_llm: bool) -> int:
    return sum(row["done"] for row in rows if (row["role"] == "llm") == is_llm)


def _owed(study: Study, tasks: int) -> list[Owed]:
    rows = Payment.objects.filter(study=study).order_by().values_list("currency")
    sums = rows.annotate(
        total=Sum("amount"),
        judged=Sum("amount", filter=Q(part__in=Stage.values), default=NO_MONEY),
    )
    return [
        Owed(total, currency, judged / tasks if tasks and judged else None)
        for currency, total, judged in sums.order_by("currency")
    ]


@dataclass(frozen=True, slots=True)
class NearlyUsed:
    """A budget of which little is left."""

    percent: int
    used: str
    whole: str
    is_money: bool
    """Else it counts questions."""


def nearly_used(study: Study) -> list[NearlyUsed]:
    """The study's own budget when four fifths of its calls or its money are used; one query."""
    budget = Budget.objects.filter(scope=study.scope).first()
    if budget is None:
        return []
    found = []
    if budget.max_calls is not None:
        found += _if_nearly(Decimal(budget.calls), Decimal(budget.max_calls), is_money=False)
    if budget.max_cost is not None:
        found += _if_nearly(budget.spent + budget.reserved, budget.max_cost, is_money=True)
    return found


def _if_nearly(used: Decimal, whole: Decimal, *, is_money: bool) -> list[NearlyUsed]:
    if not whole or used < NEARLY_USED * whole:
        return []
    shown = money if is_money else "{:,.0f}".format
    return [NearlyUsed(int(100 * used / whole), shown(used), shown(whole), is_money)]
