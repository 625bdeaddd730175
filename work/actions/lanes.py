"""What narrows a lane, closes it for a while, and opens it again."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest, Now

from work.models import Lane
from work.queue import from_now

FOREVER = timedelta(days=36_500)
"""Until a person opens it."""


@transaction.atomic
def set_limit(*, lane: str, limit: int | None) -> None:
    """So many jobs of the lane are held at once from now on; None: no limit."""
    Lane.objects.update_or_create(pk=lane, defaults={"limit": limit})


@transaction.atomic
def close_lane(*, lane: str, seconds: float | None, reason: str, limit: int | None = None) -> None:
    """Let nobody claim from it for so long, or, with None, until a person opens it.

    Never shortens an earlier closing. `limit` is how many may be held when it opens again.
    """
    Lane.objects.bulk_create([Lane(name=lane)], ignore_conflicts=True)
    until = from_now(FOREVER if seconds is None else timedelta(seconds=seconds))
    changes = {} if limit is None else {"limit": limit}
    Lane.objects.filter(pk=lane).update(
        closed_until=Greatest(Coalesce(F("closed_until"), Now()), until),
        reason=reason[:200],
        **changes,
    )


@transaction.atomic
def open_lane(*, lane: str) -> None:
    """Let jobs be claimed from it again at once."""
    Lane.objects.filter(pk=lane).update(closed_until=None, reason="")


@transaction.atomic
def widen(*, lane: str, most: int) -> None:
    """Let one more job of the lane be held at once, but never more than `most`."""
    Lane.objects.filter(pk=lane, limit__lt=most).update(limit=F("limit") + 1)


@transaction.atomic
def narrow(*, lane: str) -> None:
    """Let half as many jobs of the lane be held at once, but at least one."""
    Lane.objects.filter(pk=lane, limit__gt=1).update(limit=F("limit") / 2)
