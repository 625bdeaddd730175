"""When something was said, from the ways in which exports write it."""

import math
from datetime import UTC, datetime
from typing import Any

MILLISECONDS_FROM = 1e11
"""As seconds this is the year 5138, as milliseconds 1973."""


def moment_of(value: Any) -> datetime | None:
    """A time from seconds or milliseconds since 1970 or an ISO 8601 text; None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(value) if isinstance(value, str) else None


def _from_number(value: int | float) -> datetime | None:
    try:
        seconds = float(value)
        if not math.isfinite(seconds):
            return None
        seconds /= 1000 if abs(seconds) >= MILLISECONDS_FROM else 1
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _from_text(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
