"""What makes a payment due, and what notes that it was made."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.models import Participant, Payment, Study, User
from studies.pay import CENT, due_to, pay_of
from studies.rules import check_can_manage

LARGEST_BONUS = Decimal(10_000)
LONGEST_REASON = 200


@transaction.atomic
def credit_parts(*, participant: Participant) -> list[Payment]:
    """Make due what the participant's completed parts earn and nobody has credited; the new rows.

    A part is credited once. Where it grows afterwards (more was judged), the difference is a
    payment beside it, so that what was paid is never changed.
    """
    pay = pay_of(participant.study)
    if pay is None:
        return []
    # Two pages at once would otherwise both add a difference.
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    rows = Payment.objects.filter(participant=participant).exclude(part="").order_by()
    known = dict(rows.values_list("part").annotate(total=Sum("amount")))
    return [
        Payment.objects.create(
            study=participant.study,
            participant=participant,
            kind=Payment.Kind.BONUS if part in known else Payment.Kind.PART,
            part=part,
            amount=amount - known.get(part, Decimal(0)),
            currency=pay.currency,
            reason=_("More of this part") if part in known else "",
        )
        for part, amount in due_to(participant).items()
        if amount > known.get(part, Decimal(0))
    ]


@transaction.atomic
def give_bonus(
    *, participant: Participant, amount: Decimal, reason: str, by: User, key: UUID
) -> Payment:
    """Owe the participant something beside, and say why. The same `key` again is the same bonus."""
    study = participant.study
    check_can_manage(study, by)
    pay = pay_of(study)
    if pay is None:
        raise ValidationError(_("This study's document does not say in what currency it pays."))
    reason = reason.strip()
    _check_bonus(amount, reason)
    bonus, _is_new = Payment.objects.get_or_create(
        pk=key,
        defaults={
            "study": study,
            "participant": participant,
            "kind": Payment.Kind.BONUS,
            "amount": amount,
            "currency": pay.currency,
            "reason": reason,
            "by": by.get_username(),
        },
    )
    if (bonus.participant_id, bonus.amount, bonus.reason) != (participant.pk, amount, reason):
        raise ValidationError(_("This page was used already. Open it again for another bonus."))
    return bonus


def _check_bonus(amount: Decimal, reason: str) -> None:
    if not amount.is_finite() or amount != amount.quantize(CENT):
        raise ValidationError(_("An amount has two decimal places at most."))
    if not 0 < amount <= LARGEST_BONUS:
        raise ValidationError(_("A bonus is more than nothing and at most 10,000."))
    if not reason:
        raise ValidationError(_("Say what the bonus is for: the person will read it."))
    if len(reason) > LONGEST_REASON:
        raise ValidationError(_("Say it in at most 200 characters."))


Owed = Mapping[tuple[UUID | None, str], Decimal]
"""(participant, currency) → what they are owed; None stands for all who were erased."""


@transaction.atomic
def mark_paid(*, study: Study, owed: Owed, by: User) -> int:
    """Note that these people were paid what a page said they were owed; how many payments.

    Nothing is noted if anybody is owed something else by now: more became due, or somebody else
    noted it before. Raises ValidationError.
    """
    check_can_manage(study, by)
    rows = [row for row in _owed_rows(study, owed) if (row.participant_id, row.currency) in owed]
    found: dict[tuple[UUID | None, str], Decimal] = {}
    for row in rows:
        person = (row.participant_id, row.currency)
        found[person] = found.get(person, Decimal(0)) + row.amount
    if not found or found != dict(owed):
        raise ValidationError(_("What is owed has changed since. Look at it again."))
    settled = Payment.objects.filter(pk__in=[row.pk for row in rows])
    return settled.update(paid_at=timezone.now())


def _owed_rows(study: Study, owed: Owed) -> list[Payment]:
    """What these people are owed, locked against being marked twice."""
    people = [person for person, _currency in owed if person]
    whose = Q(participant__in=people) | Q(participant__isnull=True)
    unpaid = Payment.objects.select_for_update(no_key=True).filter(whose, study=study)
    return list(unpaid.filter(paid_at__isnull=True).order_by("pk"))
