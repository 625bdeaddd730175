"""Reading, from the database, how far replies are."""

from dataclasses import dataclass
from uuid import UUID

from collection.unshared.models import ReplyEvent, UnsharedTurn
from work.models import Job


@dataclass(frozen=True)
class Standing:
    """How far a reply is that another process reads, or read."""

    state: str
    pieces: list[tuple[int, str]]
    """Sequence and text of those not known yet."""
    expired_job: UUID | None
    """Its job, if its process gave no sign of life for too long."""


def standing_of(reply: UUID, known: int) -> Standing | None:
    """How it stands, and its pieces from the sequence `known` on; None if it is gone."""
    row = UnsharedTurn.objects.filter(pk=reply).values("state", "job").first()
    if row is None:
        return None
    pieces = ReplyEvent.objects.filter(turn=reply, sequence__gte=known).order_by("sequence")
    expired = Job.objects.expired().filter(pk=row["job"]).exists() if row["job"] else False
    return Standing(
        state=row["state"],
        pieces=list(pieces.values_list("sequence", "text")),
        expired_job=row["job"] if expired else None,
    )
