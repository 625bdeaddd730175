"""Budgets, looked at: whose they are, what a question may cost at most, whether the sums add up."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum

from llm.exchange import Reply, texts_of
from llm.models import LESS_THAN_ANY, LIMITS, Budget, Call, Endpoint, Reservation
from llm.protocols.registry import counted_by

if TYPE_CHECKING:
    from llm.ledger import Question

HELD_FOR = "held: "
"""How the reason begins for which a job is held, and by which it is let go again."""
EACH = ":each"
"""What the scope ends in under which the share of every participant of a study is kept."""

TOKENS_AROUND_A_MESSAGE = 16
TOKENS_AROUND_A_QUESTION = 256
"""What servers put around messages and before them. Measured on no server, but generous."""


class NoBound(Exception):
    """What a question may cost cannot be foreseen; the message says what to set."""


def scope_of_participant(subject: object) -> str:
    """Under which a participant's budget is kept."""
    return f"participant:{subject}"


def scope_of_endpoint(endpoint: Endpoint) -> str:
    """Under which an endpoint's budget is kept."""
    return f"endpoint:{endpoint.pk}"


def scopes_of(call: Call) -> list[str]:
    """Those on whose behalf a call spends, in the order in which their budgets are locked."""
    scopes = [call.scope, f"endpoint:{call.endpoint_id}"]
    if call.subject is not None:
        scopes.append(scope_of_participant(call.subject))
    return sorted(scopes)


def whose(scope: str) -> str:
    """A scope in words; a participant is not named."""
    kind, _, name = scope.partition(":")
    if scope.endswith(EACH):
        return f"each participant of {name.removesuffix(EACH)}"
    if kind == "participant":
        return "a participant"
    if kind == "endpoint":
        found = Endpoint.objects.filter(pk=name).values_list("name", flat=True).first()
        return f"the endpoint {found or name}"
    return f"the study {name}" if kind == "study" else scope


# -- What a question may cost ----------------------------------------------------


def bound_of(question: "Question") -> Decimal:
    """The most that a question can cost by what is sent; raises `NoBound`.

    Each token of every known tokenizer stands for at least one byte.
    """
    endpoint = question.endpoint
    cost = endpoint.cost_of(most_prompt_tokens(question), most_completion_tokens(question))
    if cost is None:
        raise NoBound(f"the endpoint {endpoint.name} has no prices; set them")
    return cost


def most_prompt_tokens(question: "Question") -> int:
    """By the bytes of what is sent, and what a server adds."""
    messages = question.prompt.messages
    texts = texts_of(question.prompt, question.schema)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + len(messages) * TOKENS_AROUND_A_MESSAGE + TOKENS_AROUND_A_QUESTION


def most_completion_tokens(question: "Question") -> int:
    """By the limits that are sent; raises `NoBound` where there is none."""
    endpoint = question.endpoint
    if endpoint.protocol == Endpoint.Protocol.EMBEDDINGS:
        return 0
    own = question.prompt.max_tokens or endpoint.max_output_tokens
    limits = [limit for limit in (own, *_limits_in(endpoint.extra_params)) if limit]
    if not limits:
        raise NoBound(
            f"nothing limits how long the endpoint {endpoint.name} answers; set its "
            "max_output_tokens"
        )
    answers = endpoint.extra_params.get("n")
    return max(limits) * (answers if isinstance(answers, int) and answers > 1 else 1)


def _limits_in(params: Mapping[str, Any]) -> list[int]:
    found = [params.get(name) for name in LIMITS]
    return [limit for limit in found if isinstance(limit, int) and limit > 0]


def is_more_than_possible(question: "Question", sent: int, received: int) -> bool:
    """Whether a server counts more tokens than what it was sent allows for."""
    if sent > most_prompt_tokens(question):
        return True
    try:
        return received > most_completion_tokens(question)
    except NoBound:
        return False


def billed(endpoint: Endpoint, reply: Reply) -> Decimal | None:
    """What an answer cost by the server's own count; nothing if it is an error, None if unknown."""
    if reply.status >= 300:
        return Decimal(0)
    counted = counted_by(endpoint, reply)
    return None if counted is None else endpoint.cost_of(*counted)


# -- Room ------------------------------------------------------------------------


def with_room(budgets: QuerySet[Budget], cost: Decimal) -> QuerySet[Budget]:
    """Those that have one more call and so much money left."""
    calls = Q(max_calls__isnull=True) | Q(max_calls__gt=F("calls"))
    taken = F("reserved") + F("spent") + (cost - LESS_THAN_ANY)
    return budgets.filter(calls, Q(max_cost__isnull=True) | Q(max_cost__gte=taken))


def why_spent(budget: Budget, cost: Decimal) -> str | None:
    """The reason for which a job is held, or None if there may be room once others are settled."""
    if budget.max_calls is not None and budget.calls >= budget.max_calls:
        if Reservation.objects.filter(budget=budget).exists():
            return None
        whole = f"{whose(budget.scope)} may put {budget.max_calls} questions to models"
        return f"{HELD_FOR}{whole}; all were put"
    if budget.max_cost is not None and budget.spent + cost > budget.max_cost:
        whole = f"{whose(budget.scope)} may cost {amount(budget.max_cost)}"
        return f"{HELD_FOR}{whole}; what is left is less than one more question may cost"
    return None


def amount(money: Decimal) -> str:
    """At least two digits after the point, and no zeros beyond them."""
    whole, _, rest = f"{money:.9f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


# -- Whether the sums add up -----------------------------------------------------


def faults() -> list[str]:
    """Every budget that breaks its own promises, in a sentence each; none, if all is well.

    Reserved is what open calls hold; reserved and spent stay within the budget; calls too; and a
    call that is over holds nothing.
    """
    return [*_faults_of_sums(), *_faults_of_caps(), *_faults_of_calls()]


def _faults_of_sums() -> list[str]:
    held = Reservation.objects.filter(budget=OuterRef("pk")).order_by().values("budget")
    total = Subquery(
        held.annotate(total=Sum("cost")).values("total"),
        output_field=DecimalField(max_digits=18, decimal_places=9),
    )
    found = []
    for scope, reserved, held_now in Budget.objects.annotate(held=total).values_list(
        "scope", "reserved", "held"
    ):
        difference = reserved - (held_now or 0)
        if abs(difference) >= 2 * LESS_THAN_ANY:
            found.append(f"{scope}: {reserved} is reserved, but open calls hold {held_now or 0}.")
    return found


def _faults_of_caps() -> list[str]:
    over_calls = Q(max_calls__isnull=False, calls__gt=F("max_calls"))
    over_cost = Q(max_cost__isnull=False, max_cost__lt=F("reserved") + F("spent") - LESS_THAN_ANY)
    return [
        f"{budget.scope}: more is taken than the budget holds."
        for budget in Budget.objects.filter(over_calls | over_cost)
    ]


def _faults_of_calls() -> list[str]:
    over = Reservation.objects.exclude(call__state=Call.State.SENT)
    return [
        f"{scope}: a call that is {state} still holds {amount(cost)}."
        for scope, state, cost in over.values_list("budget__scope", "call__state", "cost")
    ]
