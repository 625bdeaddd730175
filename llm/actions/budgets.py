"""What is done to budgets: set, reserved for a call before it leaves, settled when it is over."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, F, Q
from django.db.models.functions import Now

from llm import budgets
from llm.budgets import EACH, HELD_FOR, NoBound, amount, scope_of_participant, scopes_of
from llm.errors import HeldBack
from llm.models import Budget, Call, CallQuerySet, Endpoint, Reservation
from work.actions.holding import let_go
from work.errors import Hold
from work.models import Job, JobQuerySet
from work.statements import Given, Select

if TYPE_CHECKING:
    from llm.ledger import Question

KINDS = {"study", "participant", "endpoint"}
SECONDS_UNTIL_SETTLED = 5.0
"""After which a job looks again whether open calls have given back what they did not need."""
NOTHING = Decimal(0)


# -- What people do ----------------------------------------------------------------


@transaction.atomic
def set_budget(*, scope: str, max_calls: int | None, max_cost: Decimal | None, by: str) -> Budget:
    """Say how much may be spent on behalf of a scope, from now on; None: as much as it takes.

    What was spent since the budget was first set counts. If it is raised, jobs that were held for
    want of it go again. Raises ValidationError for a scope that there is not, and for less than is
    taken.
    """
    _check_scope(scope)
    budget = Budget.objects.select_for_update().filter(scope=scope).first() or Budget(scope=scope)
    is_raised = _is_more(max_calls, budget.max_calls) or _is_more(max_cost, budget.max_cost)
    budget.max_calls, budget.max_cost, budget.set_by = max_calls, max_cost, by[:150]
    _check(budget)
    budget.changed_at = Now()
    budget.save()
    if is_raised:
        let_go(_jobs_of(scope), held_for=HELD_FOR)
    return budget


def _check_scope(scope: str) -> None:
    kind, _, name = scope.partition(":")
    if kind not in KINDS or not name:
        raise ValidationError("A budget is one of study:SLUG, participant:ID or endpoint:ID.")
    if kind == "study":
        return
    try:
        id = UUID(name)
    except ValueError:
        told = f"“{name}” is no id; “manage.py endpoint list --json” shows those of endpoints."
        raise ValidationError(told) from None
    if kind == "endpoint" and not Endpoint.objects.filter(pk=id).exists():
        raise ValidationError("There is no endpoint of this id.")


@transaction.atomic
def set_share(
    *,
    scope: str,
    max_calls: int | None,
    max_cost: Decimal | None,
    subjects: Iterable[UUID],
    by: str,
) -> Budget:
    """Say how much may be spent on behalf of each participant of a study, by the study's scope.

    Of the participants named, those who have taken more already are given no more. Whoever comes
    later is given as much when the first question about them is asked.
    """
    share = set_budget(scope=scope + EACH, max_calls=max_calls, max_cost=max_cost, by=by)
    scopes = [scope_of_participant(subject) for subject in subjects]
    known = Budget.objects.select_for_update().filter(scope__in=scopes).order_by("scope")
    for budget in known:
        budget.max_calls = None if max_calls is None else max(max_calls, budget.calls)
        taken = budget.reserved + budget.spent
        budget.max_cost = None if max_cost is None else max(max_cost, taken)
        budget.changed_at = Now()
    Budget.objects.bulk_update(known, ["max_calls", "max_cost", "changed_at"], batch_size=500)
    let_go(_jobs_of(scope), held_for=HELD_FOR)
    return share


def let_held_go(endpoint: Endpoint) -> int:
    """Let jobs go again that wanted prices or limits of the endpoint, or it to be switched on."""
    return let_go(_jobs_of(budgets.scope_of_endpoint(endpoint)), held_for=HELD_FOR)


def forget_participant(subject: UUID) -> int:
    """Delete a participant's budget; what was spent stays in those of the study and endpoint."""
    return Budget.objects.filter(scope=scope_of_participant(subject)).delete()[0]


def _is_more(limit: Decimal | int | None, before: Decimal | int | None) -> bool:
    return before is not None and (limit is None or limit > before)


def _check(budget: Budget) -> None:
    budget.full_clean(validate_unique=False, validate_constraints=False, exclude=["changed_at"])
    if budget.max_calls is not None and budget.calls > budget.max_calls:
        message = f"{budget.calls} questions were put already; the budget cannot be less."
        raise ValidationError({"max_calls": message})
    taken = budget.reserved + budget.spent
    if budget.max_cost is not None and taken > budget.max_cost:
        message = f"{amount(taken)} is spent or reserved already; the budget cannot be less."
        raise ValidationError({"max_cost": message})


def _jobs_of(scope: str) -> JobQuerySet:
    """The jobs that may be held for want of a scope's budget."""
    kind, _, name = scope.partition(":")
    if kind == "study":
        return Job.objects.filter(scope=scope.removesuffix(EACH))
    if kind == "participant":
        return Job.objects.filter(subject=name)
    # Jobs of other lanes ask it for vectors or as one policy of several.
    named = Q(last_error__startswith=HELD_FOR, last_error__contains=budgets.whose(scope))
    return Job.objects.filter(named | Q(lane__in=[scope, ""]))


# -- Reserving ---------------------------------------------------------------------


SCOPES = ("scope", "endpoint", "subject", "each")
SPENT_FROM = Select(
    Budget.objects.filter(scope__in=[Given(name, CharField()) for name in SCOPES]).order_by("scope")
)


def reserve(call: Call, question: "Question") -> None:
    """Take what a call may cost at most from every budget that it spends from.

    Runs in the transaction that opens the call, so that nothing is kept where this raises: `Hold`
    if a budget is spent, `HeldBack` if other open calls hold what is left of it.
    """
    if question.endpoint.is_baseline:
        return
    scopes = scopes_of(call)
    subject = scope_of_participant(call.subject) if call.subject else call.scope
    found = SPENT_FROM(
        scope=call.scope,
        endpoint=f"endpoint:{call.endpoint_id}",
        subject=subject,
        each=call.scope + EACH,
    )
    if not found:
        return
    own = _with_share(call, [budget for budget in found if budget.scope in scopes], found)
    cost = _bound(question, own)
    for budget in own:
        _take(budget, cost)
    Reservation.objects.bulk_create(
        Reservation(call=call, budget=budget, cost=cost) for budget in own
    )
    call.is_reserved = True


def _with_share(call: Call, own: list[Budget], found: list[Budget]) -> list[Budget]:
    """The budgets of a call with the participant's, made by their study's share if need be."""
    share = next((budget for budget in found if budget.scope == call.scope + EACH), None)
    if share is None or call.subject is None:
        return own
    scope = scope_of_participant(call.subject)
    if any(budget.scope == scope for budget in own):
        return own
    made = Budget(scope=scope, max_calls=share.max_calls, max_cost=share.max_cost)
    Budget.objects.bulk_create([made], ignore_conflicts=True)
    return sorted([*own, Budget.objects.get(scope=scope)], key=lambda budget: budget.scope)


def _bound(question: "Question", own: list[Budget]) -> Decimal:
    """What the call may cost; a budget of calls alone does without."""
    try:
        return budgets.bound_of(question)
    except NoBound as reason:
        in_money = [budget.scope for budget in own if budget.max_cost is not None]
        if in_money:
            owner = budgets.whose(in_money[0])
            raise Hold(f"{HELD_FOR}{owner} has a budget in money, but {reason}") from None
        return NOTHING


def _take(budget: Budget, cost: Decimal) -> None:
    """Take so much of a budget if it has room, in one statement; its row is locked by it."""
    roomy = budgets.with_room(Budget.objects.filter(pk=budget.pk), cost)
    if roomy.update(calls=F("calls") + 1, reserved=F("reserved") + cost):
        return
    budget.refresh_from_db()
    if spent := budgets.why_spent(budget, cost):
        raise Hold(spent, is_still_so=lambda: _is_spent(budget, cost))
    raise HeldBack(
        "budget",
        f"open calls hold what {budgets.whose(budget.scope)} may still cost",
        after_seconds=SECONDS_UNTIL_SETTLED,
    )


def _is_spent(budget: Budget, cost: Decimal) -> bool:
    """Whether it still has no room; nobody raises it until the commit."""
    now = Budget.objects.select_for_update().filter(pk=budget.pk).first()
    return now is not None and budgets.why_spent(now, cost) is not None


# -- Settling ----------------------------------------------------------------------


def settle(call: Call, cost: Decimal | None) -> None:
    """Give back what a call that is over did not cost; None: it may have cost all of it.

    By whoever opened the call.
    """
    if call.is_reserved:
        _settle(Q(call=call), cost)


def give_back(call: Call) -> None:
    """Give everything back, as the question never left. By whoever opened the call."""
    if call.is_reserved:
        _settle(Q(call=call), NOTHING, has_left=False)


def lose(calls: CallQuerySet) -> None:
    """Count as spent all that these calls held: nobody knows what became of them."""
    _settle(Q(call__in=calls), None)


def _settle(which: Q, cost: Decimal | None, *, has_left: bool = True) -> None:
    """In the transaction that ends the calls: once only, as their reservations go with it."""
    ids = set(Reservation.objects.filter(which).values_list("budget", flat=True))
    if not ids:
        return
    locked = Budget.objects.select_for_update().filter(pk__in=ids).order_by("scope")
    touched = {budget.pk: budget for budget in locked}
    for held in Reservation.objects.filter(which):
        budget = touched[held.budget_id]
        budget.reserved -= held.cost
        _charge(budget, held.cost if cost is None else cost)
        budget.calls -= not has_left
    Reservation.objects.filter(which).delete()
    for budget in touched.values():
        budget.changed_at = Now()
        budget.save(update_fields=["calls", "reserved", "spent", "overrun", "changed_at"])


def _charge(budget: Budget, cost: Decimal) -> None:
    """Enter what was paid; what the budget cannot hold stands apart."""
    fitting = cost
    if budget.max_cost is not None:
        fitting = min(cost, budget.max_cost - budget.reserved - budget.spent)
    budget.spent += fitting
    budget.overrun += cost - fitting
