"""From bytes to lines of a bundle: UTF-8, JSON, a known kind, nothing a database refuses."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from releases.bundle.records import RECORDS

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes."""
DEEPEST = 50
"""Levels of nesting."""

SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line was left out or an import refused."""

    file: str
    line: int
    """From 1; 0 where no single line is at fault."""
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.field, self.reason) if part)


class Line(NamedTuple):
    """One line of a bundle: where it stands, its kind, and the rest of its object."""

    file: str
    number: int
    kind: str
    record: dict[str, Any]


class Refused(Exception):
    """One line cannot be taken: the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def read_paths(paths: Iterable[Path]) -> Iterator[Line | Fault]:
    """The lines of bundle files, and of every `.jsonl` in bundle folders."""
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files:
            yield Fault(str(path), 0, "", "holds no file that ends in .jsonl")
        for file in files:
            yield from _read_file(file)


def read_stream(name: str, chunks: Iterable[bytes]) -> Iterator[Line | Fault]:
    """The lines of one stream, however its bytes are cut; `name` stands for its file in faults."""
    yield from _read(name, _cut(chunks))


def decoded(raw: bytes) -> Any:
    """The JSON value of a line; raises Refused for what is no JSON or cannot be stored."""
    try:
        value = DECODER.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise Refused("", f"is not UTF-8: byte {error.start + 1} of the line") from None
    except RecursionError:
        raise Refused("", f"is nested more than {DEEPEST} deep") from None
    except json.JSONDecodeError as error:
        raise Refused("", f"is not JSON: {error.msg} at column {error.colno}") from None
    except ValueError as error:
        raise Refused("", f"is not JSON: {error}") from None
    if SUSPECT.search(raw) or raw.count(b"[") + raw.count(b"{") > DEEPEST:
        check_storable(value)
    return value


def check_storable(value: Any, path: str = "", depth: int = 0) -> None:
    """Refuse NUL, halves of surrogate pairs and bottomless nesting, wherever they stand."""
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict | list) and depth >= DEEPEST:
        raise Refused(path, f"is nested more than {DEEPEST} deep")
    elif isinstance(value, dict):
        for key, below in value.items():
            place = f"{path}.{key}" if path else key
            _check_text(key, place)
            check_storable(below, place, depth + 1)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            check_storable(below, f"{path}[{index}]", depth + 1)


def _check_text(text: str, path: str) -> None:
    field = path.encode(errors="backslashreplace").decode().replace("\0", "\\u0000")
    if "\0" in text:
        raise Refused(field, "holds the character NUL, which cannot be stored")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused(field, "holds half a character (a lone surrogate)")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!a} stands twice in one object")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_finite, parse_constant=_no_constant
)


def _read_file(path: Path) -> Iterator[Line | Fault]:
    try:
        with path.open("rb") as file:
            yield from _read(str(path), _lines(file))
    except OSError as error:
        yield Fault(str(path), 0, "", f"cannot be read: {error.strerror}")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of at most LONGEST_LINE + 1 bytes; the rest of a longer one is passed over."""
    while raw := file.readline(LONGEST_LINE + 1):
        yield raw
        is_cut = len(raw) > LONGEST_LINE and not raw.endswith(b"\n")
        while is_cut and (rest := file.readline(LONGEST_LINE)):
            is_cut = not rest.endswith(b"\n")


def _cut(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of a stream; of one that is too long no more is kept than shows that it is."""
    begun: list[bytes] = []
    length = 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            yield b"".join([*begun, part])
            begun, length = [], 0
        if length <= LONGEST_LINE:
            begun.append(rest)
            length += len(rest)
    yield b"".join(begun)


def _read(name: str, lines: Iterable[bytes]) -> Iterator[Line | Fault]:
    for number, raw in enumerate(lines, start=1):
        if raw.strip(BLANK):
            try:
                yield _line(name, number, raw)
            except Refused as refusal:
                yield Fault(name, number, refusal.field, refusal.reason)


def _line(name: str, number: int, raw: bytes) -> Line:
    if len(raw) > LONGEST_LINE:
        raise Refused("", f"is longer than {LONGEST_LINE:,} bytes")
    record = decoded(raw)
    if not isinstance(record, dict):
        raise Refused("", "is no JSON object")
    kind = record.pop("kind", None)
    if kind is None:
        raise Refused("kind", "is missing")
    if not isinstance(kind, str) or kind not in RECORDS:
        raise Refused("kind", f"{ascii(kind)[:60]} is none of {', '.join(RECORDS)}")
    return Line(name, number, kind, record)
