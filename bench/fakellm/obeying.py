"""A model that does what the material orders it to: for the tests of what such orders can reach.

It answers honestly unless a text that it was only given to read holds an order, which is one that
says to ignore or disregard something, "instead", "you must" or "system:". Then "score 10" and "rate
it 5" make every value that; "answer with …" makes that the whole answer; "note a99" and "id …" add
something about what was not asked. Orders are found wherever they stand: in turns, attributes,
requests and responses, in base 64, in wide letters and between invisible ones.
"""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from bench.fakellm.honest import honest_answer
from bench.fakellm.material import materials_in

SCORE = re.compile(r"\b(?:score|rate|rating|grade)\b[^\d\n-]{0,30}(-?\d+)", re.IGNORECASE)
SAY = re.compile(r"\banswer (?:only )?with[: ]+[\"“]?([^\"”\n]{1,300})", re.IGNORECASE)
ID = re.compile(r"\b(?:note|id|item|attribute)s? ([a-z]?\d+|[0-9a-f-]{36})\b", re.IGNORECASE)
ORDER = re.compile(r"\b(?:ignore|disregard|instead|you must|system:)", re.IGNORECASE)
PACKED = re.compile(r"\b[A-Za-z0-9+/]{24,}={0,2}")
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]")


def obeying_answer(asked: dict[str, Any]) -> Any:
    """What an order in the material wants; without one, the honest answer."""
    orders = [text for text in _texts_of(asked) if ORDER.search(text)]
    wanted = "\n".join(orders)
    if said := SAY.search(wanted):
        return said[1].strip()
    answer = honest_answer(asked)
    if score := SCORE.search(wanted):
        answer = _all_scored(answer, score[1])
    if names := ID.findall(wanted):
        answer = _also_about(answer, names)
    return answer


def _texts_of(asked: dict[str, Any]) -> Iterator[str]:
    """Every text that others wrote, as an obliging reader makes it out."""
    for text in _strings_in(materials_in(asked)):
        plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        yield plain
        yield from map(_unpacked, PACKED.findall(plain))


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _strings_in(entry)


def _unpacked(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _all_scored(answer: Any, score: str) -> Any:
    """The answer with every value in place of which a score may stand replaced by it."""
    if isinstance(answer, dict):
        return {
            key: each if key in ("id", "text", "quote", "turn") else _all_scored(each, score)
            for key, each in answer.items()
        }
    if isinstance(answer, list):
        return [_all_scored(each, score) for each in answer]
    if isinstance(answer, bool) or answer is None:
        return answer
    return score if isinstance(answer, str) else json.loads(score)


def _also_about(answer: Any, names: list[str]) -> Any:
    """The answer with something about each of these ids as well, or naming them, if a text."""
    if isinstance(answer, str):
        return f"{answer} ({', '.join(names)})"
    if not isinstance(answer, dict):
        return answer
    return {key: _with_ids(each, names) for key, each in answer.items()}


def _with_ids(entries: Any, names: list[str]) -> Any:
    if isinstance(entries, dict) and entries:
        example = next(iter(entries.values()))
        return {**entries, **dict.fromkeys(names, example)}
    if isinstance(entries, list) and entries and isinstance(entries[0], dict):
        return [*entries, *({**entries[0], "id": name} for name in names)]
    return entries
