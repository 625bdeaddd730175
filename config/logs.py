"""How lines of the log are written: without what would let their reader in as somebody else."""

import logging
import re
from typing import Any

SECRET_PATHS = re.compile(
    r"(/(?:back|i|erasures|reset/key|confirm-email)/+)[^\s\"'<>]+", re.IGNORECASE
)
"""Whoever has the rest of such an address is a participant, enters a study, or sees an erasure."""
QUERIES = re.compile(r"(/[^\s?\"'<>]*\?)[^\s\"'<>]+")
"""What a panel's links say of a person stands after the question mark."""


def without_secrets(text: str) -> str:
    """The text with “…” for the secret part of every address in it."""
    return QUERIES.sub(r"\1…", SECRET_PATHS.sub(r"\1…", text))


class Discreet(logging.Formatter):
    """Takes secrets out of a whole entry, its traceback included; the record stays as it is."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def logging_at(level: str) -> dict[str, Any]:
    """Everything from this level on, to the standard error stream, and by nobody else."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "discreet": {
                "()": Discreet,
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would write, or mail, whole addresses beside ours.
        "loggers": {
            "django": {"handlers": []},
            "django.server": {"handlers": ["stderr"], "propagate": False},
        },
    }
