"""The pace of an endpoint, kept in its row of the database while Redis does not answer."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Now

from llm.models import Endpoint, EndpointHealth

if TYPE_CHECKING:
    from llm.pace import Turn


@transaction.atomic
def reserve(
    endpoint: Endpoint, turn: "Turn", told: dict[str, float]
) -> tuple[float, dict[str, float]]:
    """Seconds until the next free moment; it is reserved unless that is longer than the turn's.

    With it come the seconds until which the endpoint is busy then, if it is reserved, by requests
    and tokens. `told` are moments that are known to be reserved though the row may not say so.
    """
    EndpointHealth.objects.bulk_create([EndpointHealth(endpoint=endpoint)], ignore_conflicts=True)
    rows = EndpointHealth.objects.filter(pk=endpoint.pk)
    row = rows.select_for_update().annotate(now=Now()).get()
    now: datetime = row.now
    free = {name: getattr(row, f"{name}_until") or now for name in turn.limited}
    free |= {name: max(free[name], now + timedelta(seconds=s)) for name, s in told.items()}
    start = max([now, *(moment - timedelta(seconds=turn.lead) for moment in free.values())])
    wait = (start - now).total_seconds()
    if wait > turn.longest:
        return wait, {}
    busy = {
        name: max(free[name], start) + timedelta(seconds=seconds)
        for name, seconds in turn.limited.items()
    }
    rows.update(**{f"{name}_until": moment for name, moment in busy.items()})
    return wait, {name: (moment - now).total_seconds() for name, moment in busy.items()}


def give_back(endpoint: Endpoint, spared: timedelta) -> None:
    """So much of what was reserved in tokens was not needed."""
    later = ExpressionWrapper(F("tokens_until") - spared, output_field=DateTimeField())
    EndpointHealth.objects.filter(pk=endpoint.pk, tokens_until__isnull=False).update(
        tokens_until=later
    )
