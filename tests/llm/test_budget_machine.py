"""Budgets against a model of them, over any order of calls that end well, badly, late or never.

The machine must also notice when the reservation, the guard or the settling is missing: a test
that can't fail proves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from llm import budgets
from llm.actions import budgets as acts
from llm.exchange import Prompt
from llm.ledger import Question
from llm.models import Budget, Call, Endpoint
from tests.rewinding import RewindingMachine
from tests.services import on_sqlite
from work.errors import Hold, RetryLater

PERSON = UUID(int=7)
ENDPOINT = UUID(int=9)
SCOPES = ["study:alps", f"participant:{PERSON}"]
PRICE = Decimal(1000)
NOTHING = Decimal(0)
NANO = Decimal("0.000000001")
CAPS = st.sampled_from([None, Decimal(0), Decimal("0.3"), Decimal("0.7"), Decimal(1), Decimal(2)])
COSTS = st.sampled_from([None, Decimal(0), NANO, Decimal("0.1"), Decimal("0.29"), Decimal("0.9")])


@dataclass
class Expected:
    """What the model says of one budget."""

    max_calls: int | None = None
    max_cost: Decimal | None = None
    calls: int = 0
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    overrun: Decimal = Decimal(0)

    def has_room(self, cost: Decimal) -> bool:
        if self.max_calls is not None and self.calls >= self.max_calls:
            return False
        return self.max_cost is None or self.reserved + self.spent + cost <= self.max_cost

    def pay(self, held: Decimal, cost: Decimal) -> None:
        self.reserved -= held
        free = cost if self.max_cost is None else self.max_cost - self.reserved - self.spent
        self.spent += min(cost, free)
        self.overrun += max(cost - free, Decimal(0))

    @property
    def row(self) -> tuple[Any, ...]:
        return (self.max_calls, self.max_cost, self.calls, self.reserved, self.spent, self.overrun)


class BudgetMachine(RewindingMachine):
    """Two budgets, and calls that draw on those of them that were there when they began."""

    def __init__(self) -> None:
        super().__init__()
        self.budgets: dict[str, Expected] = {}
        self.open: list[tuple[Call, Decimal, list[str]]] = []
        self.over: list[Call] = []
        self.endpoint = Endpoint(
            pk=ENDPOINT, name="m", model="m", price_prompt=0, price_completion=PRICE
        )

    @rule(scope=st.sampled_from(SCOPES), calls=st.sampled_from([None, 0, 3, 5]), cost=CAPS)
    def set_budget(self, scope: str, calls: int | None, cost: Decimal | None) -> None:
        budget = self.budgets.get(scope, Expected())
        is_less = calls is not None and calls < budget.calls
        is_less |= cost is not None and cost < budget.reserved + budget.spent
        try:
            acts.set_budget(scope=scope, max_calls=calls, max_cost=cost, by="ada")
        except ValidationError:
            assert is_less
            return
        assert not is_less
        budget.max_calls, budget.max_cost = calls, cost
        self.budgets[scope] = budget

    @rule(tokens=st.sampled_from([1, 100, 290, 700]), about=st.booleans())
    def begin(self, tokens: int, about: bool) -> None:
        cost = PRICE * tokens / 1_000_000
        scopes = [one for one in SCOPES if about or not one.startswith("participant")]
        drawn = {one: self.budgets[one] for one in scopes if one in self.budgets}
        fits = all(budget.has_room(cost) for budget in drawn.values())
        call = self._opened(tokens, PERSON if about else None)
        assert (call is not None) == fits
        if call is not None:
            self.open.append((call, cost, list(drawn)))
            for budget in drawn.values():
                budget.calls += 1
                budget.reserved += cost

    def _opened(self, tokens: int, subject: UUID | None) -> Call | None:
        prompt = Prompt("judge", [], max_tokens=tokens)
        question = Question(self.endpoint, prompt, None, SCOPES[0], subject, "")
        try:
            with transaction.atomic():
                call = Call.objects.create(
                    endpoint_id=ENDPOINT, scope=SCOPES[0], subject=subject, purpose="judge"
                )
                acts.reserve(call, question)
        except (Hold, RetryLater):
            return None
        return call

    @precondition(lambda self: self.open)
    @rule(drawn=st.data(), paid=COSTS, way=st.sampled_from(["settled", "lost", "never left"]))
    def end(self, drawn: Any, paid: Decimal | None, way: str) -> None:
        place = drawn.draw(st.integers(0, len(self.open) - 1))
        call, held, scopes = self.open.pop(place)
        self.over.append(call)
        _end(call, paid, way)
        for scope in scopes:
            budget = self.budgets[scope]
            charged = {"settled": held if paid is None else paid, "lost": held}
            budget.pay(held, charged.get(way, Decimal(0)))
            budget.calls -= way == "never left"

    @precondition(lambda self: self.over)
    @rule(drawn=st.data(), paid=COSTS)
    def end_again(self, drawn: Any, paid: Decimal | None) -> None:
        """Whoever comes late changes nothing."""
        acts.settle(drawn.draw(st.sampled_from(self.over)), paid)

    @invariant()
    def rows_equal_model(self) -> None:
        names = ("max_calls", "max_cost", "calls", "reserved", "spent", "overrun")
        stored = {row[0]: row[1:] for row in Budget.objects.values_list("scope", *names)}
        assert stored == {scope: budget.row for scope, budget in self.budgets.items()}

    @invariant()
    def no_budget_holds_more_than_it_may(self) -> None:
        for budget in self.budgets.values():
            assert budget.max_calls is None or budget.calls <= budget.max_calls
            assert budget.max_cost is None or budget.reserved + budget.spent <= budget.max_cost

    def teardown(self) -> None:
        try:
            # After an error, which is what is told then, nothing can be asked any more.
            assert transaction.get_rollback() or budgets.faults() == []
        finally:
            super().teardown()


def _end(call: Call, paid: Decimal | None, way: str) -> None:
    if way == "settled":
        acts.settle(call, paid)
    elif way == "lost":
        acts.lose(Call.objects.filter(pk=call.pk))
    else:
        acts.give_back(call)


EXAMPLES = 60 if on_sqlite() else 150
# Some thirty statements an example: this takes seconds, for a hundred and fifty examples.
SETTINGS = settings(
    # Until a mutant shows: mostly soon, but what is drawn depends on which modules are loaded.
    max_examples=3_000,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # An example found with a mutant is proof enough; shrinking it would take a minute.
    phases=[Phase.generate],
)


@pytest.fixture(autouse=True)
def _endpoint(db: None) -> None:
    Endpoint.objects.create(pk=ENDPOINT, name="m", model="m", base_url="http://localhost/v1")


@pytest.mark.long
def test_budgets_behave_as_their_model() -> None:
    run_state_machine_as_test(BudgetMachine, settings=settings(SETTINGS, max_examples=EXAMPLES))


def reserves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "reserve", lambda call, question: None)


def looks_before_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard in the statement is gone; the database's own check still stands."""
    monkeypatch.setattr(budgets, "with_room", lambda rows, cost: rows)


def guards_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard is gone and the check too."""
    looks_before_it_takes(monkeypatch)
    if on_sqlite():
        connection.cursor().execute("PRAGMA ignore_check_constraints = ON")
        return
    with connection.schema_editor(atomic=False) as editor:
        for one in Budget._meta.constraints:
            if isinstance(one, models.CheckConstraint):
                editor.remove_constraint(Budget, one)


def settles_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reservations outlive their call."""
    monkeypatch.setattr(models.query.QuerySet, "delete", lambda self: (0, {}))


def loses_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a call of which nothing is known, nothing is counted."""
    monkeypatch.setattr(acts, "lose", lambda calls: acts._settle(models.Q(call__in=calls), NOTHING))


MUTANTS = [
    reserves_nothing, looks_before_it_takes, guards_nothing, settles_twice, loses_for_nothing,
]  # fmt: skip


@pytest.mark.parametrize("mutate", MUTANTS)
def test_machine_notices(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)

    try:
        with pytest.raises((AssertionError, IntegrityError)):
            run_state_machine_as_test(BudgetMachine, settings=SETTINGS)
    finally:
        if on_sqlite():
            connection.cursor().execute("PRAGMA ignore_check_constraints = OFF")
