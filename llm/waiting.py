"""What a server means by "later"."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 600.0
"""Seconds beyond which a server that wants to be left alone is treated as one that is down."""
LONGEST_ABSENCE = 86_400.0
"""Seconds for which its word is taken then; after that one question asks whether it is back."""


def asked_to_wait(milliseconds: str | None, header: str | None) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date).

    None if neither says anything sensible. It may be more than anybody waits.
    """
    wanted = _number(milliseconds)
    said = (None if wanted is None else wanted / 1000, _number(header), _until(header))
    return next((seconds for seconds in said if seconds is not None and seconds >= 0), None)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _until(date: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except (ValueError, TypeError, OverflowError):
        # A year of twenty digits is no number that it can take.
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
