"""What a participant earns: by a part, and in all."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from studies.models import Participant, Study
from studies.pay import pay_of
from studies.payments import earned_by

register = template.Library()


@register.simple_tag
def pays(study: Study, part: str) -> str:
    """What a part of the study pays, in words; empty where it pays nothing by itself."""
    pay = pay_of(study)
    if pay is None:
        return ""
    words = []
    if amount := pay.parts.get(part):
        words.append(_("Pays %(sum)s") % {"sum": money(amount, pay.currency)})
    if rate := pay.per_task.get(part):
        words.append(_("%(sum)s for each") % {"sum": money(rate, pay.currency)})
    return " · ".join(words)


@register.inclusion_tag("components/earned.html")
def earned(participant: Participant) -> dict[str, Any]:
    """What they earned in all, what of it is paid, and why they were given more."""
    bonuses = participant.payments.filter(kind="bonus", part="").order_by("at", "id")
    return {
        "sums": [
            (
                money(row["earned"], row["currency"]),
                money(row["paid"], row["currency"]),
                row["paid"] >= row["earned"],
                not row["paid"],
            )
            for row in earned_by(participant)
        ],
        "bonuses": [(money(row.amount, row.currency), row.reason) for row in bonuses],
    }


def money(amount: Any, currency: str) -> str:
    """An amount as the reader writes it, with its currency; a rate keeps its small places."""
    places = max(2, -amount.normalize().as_tuple().exponent)
    return f"{number_format(amount, decimal_pos=places)} {currency}"
