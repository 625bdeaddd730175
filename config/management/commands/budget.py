"""Look at budgets, and set one."""

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError

from generation.actions.budgets import give_budget
from generation.budgets import scope_named
from llm.budgets import amount, faults, whose
from llm.models import Budget
from studies.command import StudyCommand

UNLIMITED = "none"


class Command(StudyCommand):
    """`manage.py budget [--scope study:SLUG] [--max-cost 25] [--max-calls 10000]`"""

    help = "Show what may be spent and what was; with a limit, set it. Held jobs go again then."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Whose budget, and its limits."""
        parser.add_argument(
            "--scope", help="study:SLUG, study:SLUG:each, participant:ID or endpoint:ID"
        )
        parser.add_argument(
            "--participant", default="", metavar="REF", help="only of this one of the study's"
        )
        parser.add_argument("--max-cost", help=f"in the currency of the prices, or {UNLIMITED}")
        parser.add_argument("--max-calls", help=f"a whole number, or {UNLIMITED}")
        parser.add_argument("--by", default="manage.py", help="who says so; kept with it")

    def act(self, **options: Any) -> dict[str, Any]:
        """Set first, then show."""
        scope = scope_named(options["scope"] or "", options["participant"])
        if options["max_cost"] is not None or options["max_calls"] is not None:
            self._set(scope, options)
        rows = Budget.objects.all()
        shown = list(rows.filter(scope=scope) if scope else rows)
        for budget in shown:
            self.say(_sentence(budget), **options)
        if not shown:
            self.say("Nothing limits what may be spent.", **options)
        wrong = faults()
        for fault in wrong:
            self.say(f"Wrong: {fault}", **options)
        return {"budgets": [_document(budget) for budget in shown], "faults": wrong}

    def _set(self, scope: str, options: dict[str, Any]) -> None:
        if not scope:
            raise CommandError("Say with --scope whose budget it is.")
        before = Budget.objects.filter(scope=scope).first()
        give_budget(
            scope=scope,
            max_calls=_limit(options["max_calls"], int, before and before.max_calls),
            max_cost=_limit(options["max_cost"], Decimal, before and before.max_cost),
            by=options["by"],
        )


def _limit(text: str | None, read: Any, before: Any) -> Any:
    """What the text says; without one, what it was."""
    if text is None or text == UNLIMITED:
        return before if text is None else None
    try:
        return read(text)
    except (ValueError, InvalidOperation):
        raise CommandError(f"“{text}” is no number.") from None


def _sentence(budget: Budget) -> str:
    calls = f"{budget.calls} of {budget.max_calls or 'any number of'} questions"
    if budget.max_calls == 0:
        calls = "no questions"
    cost = "any cost" if budget.max_cost is None else amount(budget.max_cost)
    parts = [f"{amount(budget.spent)} of {cost} spent", f"{amount(budget.reserved)} reserved"]
    if budget.overrun:
        parts.append(f"{amount(budget.overrun)} charged beyond it")
    return f"{budget.scope} ({whose(budget.scope)}): {calls}; {', '.join(parts)}."


def _document(budget: Budget) -> dict[str, Any]:
    return {
        "scope": budget.scope,
        "max_calls": budget.max_calls,
        "calls": budget.calls,
        "max_cost": None if budget.max_cost is None else amount(budget.max_cost),
        "spent": amount(budget.spent),
        "reserved": amount(budget.reserved),
        "overrun": amount(budget.overrun),
        "set_by": budget.set_by,
    }
