"""A failed attempt in one sentence that can be grouped by and holds no participant's text."""

from pathlib import Path
from traceback import extract_tb

from django.core.exceptions import ValidationError

from work.errors import GiveUp, Hold, RetryLater

LONGEST = 500


def described(error: Exception) -> str:
    """What went wrong: our own sentence if it is one of ours, else the type and the place.

    Messages of other exceptions are left to the log: they may quote what somebody wrote.
    """
    if isinstance(error, RetryLater | GiveUp | Hold):
        return error.reason[:LONGEST]
    if isinstance(error, ValidationError):
        return " ".join(error.messages)[:LONGEST]
    return f"{type(error).__name__}{_place(error)}"[:LONGEST]


def _place(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f" at {Path(last.filename).name}:{last.lineno} in {last.name}"
