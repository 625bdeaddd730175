"""Reading what a model wrote: strict JSON, found by one written rule, never repaired.

The rule, in order: drop a byte order mark and one leading `<think>…</think>`; if the rest is JSON,
that is it; else if it holds exactly one fenced block, the block's content is it; else the value
that begins at the first `{` or `[` is it, provided that no bracket follows it. Anything else is
malformed, and so are NaN and infinities, duplicate keys, lone surrogates, NUL, nesting deeper than
64 and text longer than 2 MB.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

LONGEST = 2_000_000
DEEPEST = 64

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"[ \t]*```[\w-]*[ \t]*")
# An unterminated string runs to the end, so that no text takes more than one pass.
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Malformed(ValueError):
    """The text holds no JSON that we accept; the message says why and quotes nothing."""


def read_json(text: str) -> Any:
    """The JSON value in a model's answer, by the rule above; raises `Malformed`."""
    if len(text) > LONGEST:
        raise Malformed("the text is longer than 2 MB")
    rest = _THOUGHT.sub("", text.removeprefix("\ufeff"), count=1).strip()
    fenced = _fenced_blocks(rest)
    if rest[:1] not in ("{", "[") and len(fenced) == 1:
        return strict_json(fenced[0])
    if rest[:1] in ("{", "[", '"') or not _BRACKET.search(rest):
        return strict_json(rest)
    return _embedded(rest)


def strict_json(text: str) -> Any:
    """The whole of `text` as JSON; raises `Malformed`."""
    value, end = _decoded(text)
    if text[end:].strip():
        raise Malformed("something follows the JSON value")
    return value


def _fenced_blocks(text: str) -> list[str]:
    """What stands between pairs of ``` lines; an unclosed fence makes no block."""
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if _FENCE.fullmatch(line)]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return ["\n".join(lines[start + 1 : end]).strip() for start, end in pairs]


def _embedded(text: str) -> Any:
    first = _BRACKET.search(text)
    start = first.start() if first else 0
    value, end = _decoded(text[start:])
    if _BRACKET.search(text, start + end):
        raise Malformed("there is more than one JSON value")
    return value


def _decoded(text: str) -> tuple[Any, int]:
    check_depth(text)
    try:
        value, end = _DECODER.raw_decode(text)
    except Malformed:
        raise
    except (ValueError, RecursionError):
        # The decoder's own message is dropped: it may quote the text.
        raise Malformed("the text is not JSON") from None
    check_storable(value)
    return value, end


def check_depth(text: str) -> None:
    """Refuse what nests deeper than a decoder should follow, before one tries."""
    depth = 0
    for match in _NESTING.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        if depth > DEEPEST:
            raise Malformed(f"the JSON nests deeper than {DEEPEST}")


def check_storable(value: Any) -> None:
    """Refuse strings that a database cannot hold: with NUL or lone surrogates."""
    for text in _strings_in(value):
        if "\x00" in text:
            raise Malformed("a string holds NUL")
        if _SURROGATE.search(text):
            raise Malformed("a string holds a lone surrogate")


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _strings_in(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _strings_in(entry)


def why_invalid(value: Any, schema: dict[str, Any]) -> str | None:
    """Where and by which rule `value` breaks the schema, or None; quotes no value."""
    # Takes a twentieth of a process' start, and is needed with the first answer.
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(schema).iter_errors(value)
    first = min(errors, key=lambda error: error.json_path, default=None)
    return None if first is None else f"{first.json_path} breaks the schema's {first.validator}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a key stands twice in one object")
    return members


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise Malformed("a number is out of range")
    return value


def _no_constant(_name: str) -> NoReturn:
    raise Malformed("NaN and infinities are not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant
)
