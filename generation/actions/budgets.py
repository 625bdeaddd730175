"""Setting budgets: as a study's document says, or as somebody who runs the site does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from generation.budgets import BudgetSection, scope_named, slug_in
from llm.actions.budgets import set_budget, set_share
from llm.budgets import EACH
from llm.models import Budget
from studies.models import Participant, Study

BY = "the study document"


def apply_budget(study: Study, document: Mapping[str, Any]) -> None:
    """Set the budget of the study and of its participants; without a section all stays as it is.

    Raises ValidationError where less is given than was spent.
    """
    if document["budget"] is None:
        return
    section = BudgetSection.model_validate(document["budget"])
    scope = f"study:{study.slug}"
    set_budget(scope=scope, max_calls=section.calls, max_cost=section.cost, by=BY)
    if section.per_participant is not None:
        set_share(
            scope=scope,
            max_calls=section.per_participant.calls,
            max_cost=section.per_participant.cost,
            subjects=study.participants.values_list("pk", flat=True),
            by=BY,
        )


def give_budget(
    *,
    scope: str,
    max_calls: int | None,
    max_cost: Decimal | None,
    by: str,
    participant: str = "",
) -> Budget:
    """Set the budget of a scope, or of one participant of a study, by their ref.

    Under `study:SLUG:each` it is what each participant of the study may cost. Raises
    ValidationError as `set_budget` does, and for a study or participant that there is not.
    """
    whose = scope_named(scope, participant)
    if not whose.endswith(EACH):
        return set_budget(scope=whose, max_calls=max_calls, max_cost=max_cost, by=by)
    people = Participant.objects.filter(study__slug=slug_in(whose))
    return set_share(
        scope=whose.removesuffix(EACH),
        max_calls=max_calls,
        max_cost=max_cost,
        subjects=people.values_list("pk", flat=True),
        by=by,
    )
