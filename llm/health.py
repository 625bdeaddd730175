"""How an endpoint stands: whether it may be asked now, and what its latest calls say of it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Count, Q, Subquery, UUIDField
from django.db.models.functions import Now

from llm.errors import HeldBack
from llm.models import Call, CallQuerySet, Endpoint, EndpointHealth
from work.models import Lane
from work.statements import Given, Select

WINDOW = timedelta(seconds=60)

FAILURES = frozenset(["net_connect", "timeout", "server", "cut"])
"""Outcomes that say that the endpoint is down; any other answer says that it is up."""
IN_A_ROW = 5
LATEST = 20
BAD_SHARE = 0.5

REPEATED_SHARE = 0.2
"""Of an endpoint's requests in a minute; without a bound, repeating makes an outage worse."""
REPEATED_ALWAYS = 10
"""So many a minute are let through in any case: a lone job may try again."""
REPEAT_SECONDS = (5.0, 15.0)


LOOK = Select(
    EndpointHealth.objects.filter(pk=Given("endpoint", UUIDField())).annotate(
        now=Now(),
        lane_limit=Subquery(Lane.objects.filter(pk=Given("lane", CharField())).values("limit")),
    )
)


@dataclass(frozen=True)
class Standing:
    """How an endpoint stood, by the database's clock, when a question was about to leave."""

    at: datetime
    limit: int | None
    """Of jobs held at once for it."""
    was_slowed: bool
    is_probe: bool = False
    """Whether this question is to show that it is up again."""


class Look:
    """One row about an endpoint, read in one query; `row` is None before its first lane."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.row = next(iter(LOOK(endpoint=endpoint.pk, lane=endpoint.lane)), None)
        self.limit: int | None = getattr(self.row, "lane_limit", None)

    def standing(self, *, is_probe: bool = False) -> Standing:
        """What later acts need to know of it."""
        assert self.row is not None
        return Standing(self._now, self.limit, self.row.slowed_at is not None, is_probe)

    def seconds_until(self, moment: datetime | None) -> float:
        """From now; 0 if it is past, or none was set."""
        return max(0.0, (moment - self._now).total_seconds()) if moment else 0.0

    @property
    def _now(self) -> datetime:
        now: datetime = self.row.now  # type: ignore[union-attr]  # annotated
        return now


def fails_too_often(endpoint: Endpoint) -> str:
    """Why the endpoint should be left alone, by its calls of the last minute; empty if it is well.

    What happened before its circuit last changed does not count. Two are asked: five failures in
    a row, or half of the last twenty.
    """
    changed = EndpointHealth.objects.filter(pk=endpoint.pk).values("changed_at")
    latest = _sent_lately(endpoint).filter(started_at__gte=Subquery(changed))
    over = latest.filter(state__in=[Call.State.OK, Call.State.ERROR])
    outcomes = list(over.order_by("-started_at", "-pk").values_list("outcome", flat=True)[:LATEST])
    failed = [outcome in FAILURES for outcome in outcomes]
    if len(failed) >= IN_A_ROW and all(failed[:IN_A_ROW]):
        return f"{IN_A_ROW} failures in a row, the last of them {outcomes[0]}"
    if len(failed) == LATEST and sum(failed) >= BAD_SHARE * LATEST:
        return f"{sum(failed)} of the last {LATEST} calls failed"
    return ""


def check_repeats(endpoint: Endpoint) -> None:
    """Raise `HeldBack` if one more repeated question were too much of what the endpoint is asked.

    Those who ask at the same moment do not see each other, so a few more may pass.
    """
    if endpoint.is_baseline:
        return
    asked = _sent_lately(endpoint).aggregate(
        all=Count("pk"), repeated=Count("pk", filter=Q(is_repeat=True))
    )
    allowed = max(REPEATED_ALWAYS, REPEATED_SHARE * (asked["all"] + 1))
    if asked["repeated"] + 1 > allowed:
        detail = f"{asked['repeated']} of {asked['all']} requests of a minute were repeated ones"
        raise HeldBack("repeats", detail, after_seconds=random.uniform(*REPEAT_SECONDS))


def _sent_lately(endpoint: Endpoint) -> CallQuerySet:
    return Call.objects.filter(
        endpoint=endpoint, started_at__gt=Now() - WINDOW, reuses__isnull=True
    )
