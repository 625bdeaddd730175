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
def reserve(endpoint: Endpoint, turn: "Turn") -> float:
    """Seconds until the next free moment; it is reserved unless that is longer than the turn's."""
    EndpointHealth.objects.bulk_create([EndpointHealth(endpoint=endpoint)], ignore_conflicts=True)
    rows = EndpointHealth.objects.filter(pk=endpoint.pk)
    row = rows.select_for_update().annotate(now=Now()).get()
    now: datetime = row.now
    spent = {"requests_until": turn.requests, "tokens_until": turn.tokens}
    busy = {name: seconds for name, seconds in spent.items() if seconds is not None}
    free = {name: getattr(row, name) or now for name in busy}
    start = max([now, *(moment - timedelta(seconds=turn.lead) for moment in free.values())])
    wait = (start - now).total_seconds()
    if wait <= turn.longest:
        changes = {
            name: max(free[name], start) + timedelta(seconds=seconds)
            for name, seconds in busy.items()
        }
        rows.update(**changes)
    return wait


def give_back(endpoint: Endpoint, spared: timedelta) -> None:
    """So much of what was reserved in tokens was not needed."""
    later = ExpressionWrapper(F("tokens_until") - spared, output_field=DateTimeField())
    EndpointHealth.objects.filter(pk=endpoint.pk, tokens_until__isnull=False).update(
        tokens_until=later
    )
