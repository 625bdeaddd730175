"""How much machine work may cost, and how often it may ask: the study document's section on money,
and whose budgets there are."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as ShapeError

from llm.budgets import EACH, scope_of_participant
from studies.document import sentence_of
from studies.models import Participant, Study

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


def scope_named(scope: str, participant: str = "") -> str:
    """The scope that budgets are kept under, or that of one participant of its study, by their ref.

    Raises ValidationError for a participant, or a study, that there is not.
    """
    if participant:
        return _scope_of_one(scope, participant)
    slug = slug_in(scope) if scope.startswith("study:") else ""
    if slug and not Study.objects.filter(slug=slug).exists():
        raise ValidationError(_("There is no study “%s”.") % slug)
    return scope


def slug_in(scope: str) -> str:
    """The study that a scope, or that of each of its participants, names."""
    return scope.removeprefix("study:").removesuffix(EACH)


def _scope_of_one(scope: str, participant: str) -> str:
    if not scope.startswith("study:") or scope.endswith(EACH):
        told = _("Choose the study itself that the participant takes part in.")
        raise ValidationError({"participant": told})
    found = Participant.objects.filter(study__slug=slug_in(scope), ref=participant).first()
    if found is None:
        told = _("The study %(study)s has no participant “%(ref)s”.")
        named = {"study": slug_in(scope), "ref": participant}
        raise ValidationError({"participant": told % named})
    return scope_of_participant(found.pk)
