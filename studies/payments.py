"""What a study owes and has paid, person by person, and what it came to per hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import Participant, Study
from studies.pay import CENT, pay_of, time_spent
from studies.recruitment.models import PanelIdentity
from studies.recruitment.sealing import unseal

SECONDS_PER_HOUR = 3600
FORMULA_SIGNS = ("=", "+", "-", "@")


def pay_lines(study: Study) -> "QuerySet[Any, Any]":
    """A row per person and currency with `owed` and `paid`; those owed something come first.

    All who were erased stand in one row whose `participant_id` is None.
    """
    rows = study.payments.order_by()
    sums = rows.values("participant_id", "participant__ref", "currency").annotate(
        owed=Sum("amount", filter=Q(paid_at__isnull=True), default=Decimal(0)),
        paid=Sum("amount", filter=Q(paid_at__isnull=False), default=Decimal(0)),
    )
    return sums.order_by("-owed", "participant__ref", "currency")


def pay_totals(study: Study) -> list[dict[str, Any]]:
    """Per currency what is owed and paid in all, erased people's payments included."""
    rows = study.payments.order_by().values("currency")
    sums = rows.annotate(
        owed=Sum("amount", filter=Q(paid_at__isnull=True), default=Decimal(0)),
        paid=Sum("amount", filter=Q(paid_at__isnull=False), default=Decimal(0)),
    )
    return [dict(row) for row in sums.order_by("currency")]


def earned_by(participant: Participant) -> list[dict[str, Any]]:
    """Per currency what somebody earned in all, and what of it is paid."""
    sums = (
        participant.payments.order_by()
        .values("currency")
        .annotate(
            earned=Sum("amount"),
            paid=Sum("amount", filter=Q(paid_at__isnull=False), default=Decimal(0)),
        )
    )
    return [dict(row) for row in sums.order_by("currency")]


@dataclass(frozen=True, slots=True)
class RealPay:
    """Median pay per hour of real time of those who did everything."""

    per_hour: Decimal | None
    reason: str | Promise
    """Why there is no figure; empty where there is one."""
    n: int
    """People in the figure."""
    untimed: int
    """People who did everything and whose time nobody knows."""
    floor: Decimal | None
    currency: str

    @property
    def is_below(self) -> bool:
        """Do people earn less than the study promised itself?"""
        return None not in (self.per_hour, self.floor) and self.per_hour < self.floor  # type: ignore[operator]


def real_pay(study: Study) -> RealPay | None:
    """The figure with its n; None where the study pays nothing. Three queries and the sources'."""
    pay = pay_of(study)
    if pay is None:
        return None
    done = study.participants.filter(outcome=Participant.Outcome.DONE)
    people = list(done.values_list("pk", flat=True))
    earned = _earned(study, pay.currency)
    seconds = {person: one for person, one in time_spent(people).items() if one > 0}
    rates = [
        earned.get(person, Decimal(0)) * SECONDS_PER_HOUR / Decimal(seconds[person])
        for person in people
        if person in seconds
    ]
    figure = median(rates).quantize(CENT) if rates else None
    reason = _no_figure(people) if figure is None else ""
    return RealPay(
        figure, reason, len(rates), len(people) - len(rates), pay.floor_per_hour, pay.currency
    )


def _earned(study: Study, currency: str) -> dict[UUID, Decimal]:
    rows = study.payments.filter(participant__isnull=False, currency=currency).order_by()
    return dict(rows.values_list("participant").annotate(total=Sum("amount")))


def _no_figure(people: list[UUID]) -> Promise:
    if not people:
        return _("nobody has done everything yet")
    return _("nobody knows how long those who did everything took")


def panel_rows(study: Study, *, panel: str, kind: str = "") -> Iterator[tuple[str, str]]:
    """(the panel's id of a person, what they are owed), opened one by one and kept nowhere.

    `kind` limits it to bonuses or to parts. People whom the panel did not send have no row.
    """
    pay = pay_of(study)
    owed = study.payments.filter(
        paid_at__isnull=True, participant__isnull=False, currency=pay.currency if pay else ""
    ).order_by()
    if kind:
        owed = owed.filter(kind=kind)
    sums = dict(owed.values_list("participant").annotate(total=Sum("amount")))
    identities = PanelIdentity.objects.filter(study=study, panel=panel, participant__in=sums)
    for identity in identities.order_by("participant__ref").iterator(chunk_size=500):
        person = unseal(bytes(identity.sealed))["person"]
        yield _harmless(person), f"{sums[identity.participant_id]:.2f}"


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def panels_of(study: Study) -> list[str]:
    """The panels that sent people who are owed something."""
    owed = study.payments.filter(paid_at__isnull=True, participant__isnull=False)
    rows = PanelIdentity.objects.filter(study=study, participant__in=owed.values("participant"))
    return sorted(set(rows.order_by().values_list("panel", flat=True)))
