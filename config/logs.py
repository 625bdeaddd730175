"""How lines of the log are written: without what would let their reader in as somebody else.

One JSON object per line, or plain text for a terminal; both name the request, the job, the run and
the endpoint that a line is about, where they are known, and neither lets a text begin a new line.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from work.traces import ids_here

SECRET_PATHS = re.compile(
    r"(/(?:back|i|erasures|reset/key|confirm-email)/+)[^\s\"'<>]+", re.IGNORECASE
)
"""Whoever has the rest of such an address is a participant, enters a study, or sees an erasure."""
QUERIES = re.compile(r"(/[^\s?\"'<>]*\?)[^\s\"'<>]+")
"""What a panel's links say of a person stands after the question mark."""
KEYS = re.compile(r"\b(Bearer |Authorization: \w+ |sk-)[\w.~+/=-]{6,}", re.IGNORECASE)
"""A server may repeat the key that it refuses."""
ROWS = re.compile(r"(\bDETAIL: ).*?(?=\n\n(?:The above|During handling)|\Z)", re.DOTALL)
"""A database quotes the row that it refuses."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What ends a line, moves a terminal's cursor, or turns the direction of what follows."""

FACTS = ("kind", "outcome", "attempt", "ms")
"""What a line may hold beside its sentence; anything else that came with it might be anything."""


def without_secrets(text: str) -> str:
    """The text with “…” for keys, quoted rows, and the secret part of every address in it."""
    for pattern in (SECRET_PATHS, QUERIES, KEYS, ROWS):
        text = pattern.sub(r"\1…", text)
    return text


def on_one_line(text: str) -> str:
    """The text with every character written out that is not simply read."""
    return CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


class Discreet(logging.Formatter):
    """Plain text: a line, and below it, indented, a traceback. The record stays as it is."""

    def format(self, record: logging.LogRecord) -> str:
        ids = "".join(f" {name}={value}" for name, value in _ids_of(record).items())
        message = f"{record.levelname} {record.name} {record.getMessage()}{ids}"
        lines = [f"{_moment_of(record)} {on_one_line(without_secrets(message))}"]
        trace = without_secrets(self._trace_of(record))
        return "\n".join([*lines, *(f"  {on_one_line(line)}" for line in trace.splitlines())])

    def _trace_of(self, record: logging.LogRecord) -> str:
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return "\n".join(part for part in (trace, record.stack_info or "") if part)


class DiscreetJson(Discreet):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = self._trace_of(record)
        entry: dict[str, Any] = {
            "at": _moment_of(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **_ids_of(record),
            **({"traceback": trace} if trace else {}),
        }
        safe = {key: without_secrets(v) if isinstance(v, str) else v for key, v in entry.items()}
        return json.dumps(safe)


def _ids_of(record: logging.LogRecord) -> dict[str, Any]:
    facts = {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
    return {**ids_here(), **facts}


def _moment_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


FORMS = {"json": DiscreetJson, "text": Discreet}


def usual_form() -> str:
    """Text for who looks on, JSON for what reads a file."""
    return "text" if sys.stderr is not None and sys.stderr.isatty() else "json"


def logging_at(level: str, form: str = "") -> dict[str, Any]:
    """Everything from this level on, to the standard error stream, and by nobody else.

    `form` is "json" or "text"; empty, it depends on whether that stream is a terminal.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"discreet": {"()": FORMS[form or usual_form()]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Django's own handlers would write, or mail, whole addresses beside ours.
        "loggers": {
            "django": {"handlers": []},
            "django.server": {"handlers": ["stderr"], "propagate": False},
            # Its lines hold whole addresses of endpoints, one for every question.
            "httpx2": {"level": "WARNING"},
        },
    }
