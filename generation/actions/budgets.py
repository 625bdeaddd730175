"""Setting a study's budgets as its document says."""

from collections.abc import Mapping
from typing import Any

from generation.budgets import BudgetSection
from llm.actions.budgets import set_budget, set_share
from studies.models import Study

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
