"""By what somebody comes to a study's door."""

from dataclasses import dataclass
from uuid import UUID

from studies.recruitment.panel import Arrival


@dataclass(frozen=True, slots=True)
class Way:
    """What their browser brought: nothing at all, a panel's link, or an invitation."""

    visitor: str = ""
    """The keyed hash under which their entry stands."""
    arrival: Arrival | None = None
    invitation: UUID | None = None
    form: str = ""
    """The key of the form they answered; each page that is shown has its own."""


PLAIN = Way()
"""The plain link."""
