"""Which conversations wait for their owner."""

from django.db.models import Count, Q, QuerySet

from collection.unshared.models import UnsharedConversation
from studies.models import Participant


def waiting_of(participant: Participant) -> QuerySet[UnsharedConversation]:
    """Finished and not shared yet, the oldest first."""
    rows = UnsharedConversation.objects.filter(
        participant=participant, state=UnsharedConversation.State.FINISHED
    )
    in_order = rows.order_by("began_at", "created_at", "pk")
    return in_order.select_related("participant__user", "participant__study", "study")


def counted(rows: QuerySet[UnsharedConversation]) -> QuerySet[UnsharedConversation]:
    """Each with `length` (its turns) and `hidden` (its redactions in force)."""
    in_force = Q(turns__redactions__is_lifted=False)
    chosen = Q(turns__is_chosen=True)
    return rows.annotate(
        hidden=Count("turns__redactions", filter=in_force, distinct=True),
        length=Count("turns", filter=chosen, distinct=True),
    )
