"""One way to write each value, so that equal studies export equal bytes on every database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

Record = dict[str, Any]
"""One line of a bundle, its keys in the order in which they are written."""


def encoded(record: Record) -> bytes:
    """The line of a record: compact JSON in UTF-8, ended by a line feed."""
    return f"{ENCODER.encode(record)}\n".encode()


def canonical(value: Any) -> Any:
    """The value with the keys of all its objects sorted: PostgreSQL does not keep their order."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [canonical(part) for part in value]
    return value


def moment(time: datetime | None) -> str | None:
    """A time in UTC, to the microsecond where it has any."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def add_present(record: Record, **fields: Any) -> None:
    """Add the fields that say something; the rest is left out, which means the same."""
    for name, value in fields.items():
        if value is not None and value != "" and value != [] and value != {} and value is not False:
            record[name] = canonical(value)


def add_extra(record: Record, extra: Mapping[str, Any]) -> Record:
    """Add the fields that an import did not know, after those we do, and return the record."""
    for name in sorted(extra):
        record.setdefault(name, canonical(extra[name]))
    return record
