"""Reading other people's files: what is not as their format says is refused with its place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic import ValidationError as ShapeError

from releases.bundle.lines import Fault, Refused, check_storable, decoded

S = TypeVar("S", bound="Shape")


class Shape(BaseModel):
    """An object of a foreign file; what we do not name is let through."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


def read_json(path: Path) -> Any:
    """The JSON of a file; raises Refused."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Refused("", f"cannot be read: {error.strerror}") from None
    value = decoded(raw)
    check_storable(value)
    return value


def read_objects(path: Path, shape: type[S]) -> Iterator[tuple[int, S | Fault]]:
    """The objects of a JSON list with their numbers from 1, or what is wrong with them."""
    try:
        rows = read_json(path)
    except Refused as refusal:
        yield 0, Fault(str(path), 0, refusal.field, refusal.reason)
        return
    if not isinstance(rows, list):
        yield 0, Fault(str(path), 0, "", "is no JSON list")
        return
    for number, row in enumerate(rows, start=1):
        try:
            yield number, shape.model_validate(row)
        except ShapeError as error:
            yield number, fault_of(path, number, error)


def fault_of(path: Path, number: int, error: ShapeError) -> Fault:
    """The first thing wrong with an object."""
    first = error.errors(include_url=False)[0]
    field = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    ).removeprefix(".")
    return Fault(str(path), number, field, str(first["msg"]).removeprefix("Input "))


def in_canonical_text(value: Any) -> str:
    """A foreign value as text: a text as it is, anything else as its JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
