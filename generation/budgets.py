"""The study document's section on money: how much machine work may cost, and how often it asks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as ShapeError

from studies.document import sentence_of

Fault = tuple[tuple[str | int, ...], str]
MOST_CALLS = 2_000_000_000
Money = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=9)]
"""In the currency of the endpoints' prices."""
Number = Annotated[int, Field(ge=0, le=MOST_CALLS)]


class Share(BaseModel):
    """What may be spent; what is left out has no limit."""

    model_config = ConfigDict(extra="forbid")
    cost: Money | None = None
    calls: Number | None = None


class BudgetSection(Share):
    """What may be spent on the study, and within it on each participant."""

    per_participant: Share | None = None


def budget_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `budget`."""
    if section is None:
        return []
    try:
        BudgetSection.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []
