"""How far somebody is with a stage: counted now and then, reckoned on from task to task between.

To count what waits takes longer than to store an answer, and it says only roughly how long one
will still sit there. So the figures are kept in the browser's session and counted anew every
minute, when a page is opened, and when the end is near.
"""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from annotation.duties import Duty, duty_in, pace_of
from annotation.models import Rater
from annotation.queries import LONGEST_QUEUE_COUNTED
from studies.models import Participant

COUNTED_EVERY = 60
"""Seconds."""
NEAR_THE_END = 3
"""Tasks: with so few left, each count is told exactly."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What they did and what waits, as a page's bar tells it."""

    rater: str
    done: int
    waiting: int
    """With what is asked beside; `LONGEST_QUEUE_COUNTED` stands for many."""
    pace: float | None
    """Seconds per task; None where too few are known."""
    counted_at: float
    """Unix time."""

    @property
    def total(self) -> int | None:
        """All that there is; None where so much waits that nobody counted."""
        return None if self.waiting >= LONGEST_QUEUE_COUNTED else self.done + self.waiting

    @property
    def minutes(self) -> int | None:
        """What waits takes about so long; None where too little is known."""
        return None if self.pace is None else max(1, round(self.pace * self.waiting / 60))

    @property
    def is_good(self) -> bool:
        """Does it still tell enough?"""
        age = time.time() - self.counted_at
        return 0 <= age < COUNTED_EVERY and self.waiting > NEAR_THE_END

    def after_one(self) -> "Ahead":
        """One more is done."""
        is_known = self.waiting < LONGEST_QUEUE_COUNTED
        return replace(self, done=self.done + 1, waiting=self.waiting - is_known)

    def kept(self) -> dict[str, Any]:
        """As a session keeps it."""
        return asdict(self)


def count(participant: Participant, rater: Rater, stage: str) -> Ahead:
    """Counted now; five queries or so."""
    duty: Duty = duty_in(participant=participant, rater=rater, stage=stage)
    return Ahead(
        rater=str(rater.pk),
        done=duty.done,
        waiting=duty.waiting if duty.total is None else duty.total - duty.done,
        pace=pace_of(rater, stage),
        counted_at=time.time(),
    )


def read(kept: dict[str, Any] | None, rater: Rater) -> Ahead | None:
    """What a session kept, if it is about the rater and still good."""
    if not kept or kept["rater"] != str(rater.pk):
        return None
    ahead = Ahead(**kept)
    return ahead if ahead.is_good else None
