"""Which lanes jobs may be claimed from now."""

from django.db.models import CharField, Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from work.models import Job, Lane
from work.statements import Given, Select, SelectValues

NO_LANE = ""


def open_lanes() -> QuerySet[Lane, str]:
    """The names of those that are not closed and not full."""
    is_full = Q(limit__isnull=False, limit__lte=Coalesce(_held(), 0))
    closed = Q(closed_until__gt=Now())
    return Lane.objects.exclude(closed).exclude(is_full).values_list("name", flat=True)


def _held() -> Subquery:
    """How many jobs of a lane are held by workers whose lease has not run out."""
    held = Job.objects.filter(lane=OuterRef("pk"), state=Job.State.LEASED, lease_until__gte=Now())
    counted = held.order_by().values("lane").annotate(jobs=Count("pk")).values("jobs")
    return Subquery(counted, output_field=IntegerField())


def has_room(name: str) -> bool:
    """Whether one more job of the lane may be held; the lane is locked until the commit.

    The lock makes the limit exact: two who claim at once count one after the other.
    """
    if name == NO_LANE or not LOCKED(lane=name):
        return True
    return bool(WITH_ROOM(lane=name))


LANE = Given("lane", CharField())
LOCKED = Select(Lane.objects.select_for_update().filter(pk=LANE, limit__isnull=False))
# A statement of its own: begun after the lock was had, it sees all who had it before.
WITH_ROOM = SelectValues(open_lanes().filter(pk=LANE))


def limit_of(name: str, *, is_locked: bool = False) -> int | None:
    """How many may be in a lane at once; None: any number. It may be locked until the commit."""
    lanes = Lane.objects.select_for_update() if is_locked else Lane.objects.all()
    return lanes.filter(pk=name).values_list("limit", flat=True).first()


def is_closed(name: str) -> bool:
    """Whether nobody may claim a job of the lane now, however few are held."""
    return Lane.objects.filter(pk=name, closed_until__gt=Now()).exists()
