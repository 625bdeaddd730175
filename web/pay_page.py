"""What the pay page shows and takes: who is owed what, a bonus, what has been paid."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.actions.payments import LARGEST_BONUS, LONGEST_REASON
from studies.models import Study
from studies.payments import pay_lines

LINES_PER_PAGE = 100
ERASED = "erased"


class BonusForm(forms.Form):
    """To whom, how much, and why."""

    participant = forms.CharField(max_length=200, label=gettext_lazy("Pseudonym"))
    amount = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_value=LARGEST_BONUS,
        decimal_places=2,
        label=gettext_lazy("Amount"),
    )
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("The person will read this."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


def lines_of(study: Study, number: str) -> Any:
    """One page of people, each with the name under which the page posts what they are owed."""
    page = Paginator(pay_lines(study), LINES_PER_PAGE).get_page(number)
    page.object_list = [{**row, "token": token_of(row)} for row in page.object_list]
    return page


def token_of(row: dict[str, Any]) -> str:
    """A person and what the page says they are owed."""
    return f"{row['participant_id'] or ERASED}:{row['currency']}:{row['owed']}"


def owed_in(tokens: list[str]) -> dict[tuple[UUID | None, str], Decimal]:
    """What a page said people are owed; raises ValidationError."""
    if not tokens:
        raise ValidationError(_("Choose somebody first."))
    try:
        return dict(_read(token) for token in tokens)
    except (ValueError, InvalidOperation) as error:
        raise ValidationError(_("This page was incomplete, so nothing was stored.")) from error


def _read(token: str) -> tuple[tuple[UUID | None, str], Decimal]:
    person, currency, amount = token.split(":")
    return (None if person == ERASED else UUID(person), currency), Decimal(amount)
