"""The neighbourhoods of digits: most of a text has none, and is then never looked at closely."""

import re
from collections.abc import Iterator

NUMBER = re.compile(r"\d+")
_RICH = re.compile(r"\d(?:[\s().\-–‐−/·　]{0,3}\d){6,29}")
"""Seven to thirty digits with little between them."""


def digit_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where at least seven digits stand together, separators between them allowed."""
    for match in _RICH.finditer(text):
        yield match.span()


def around_numbers(text: str, before: int, after: int) -> Iterator[tuple[int, int]]:
    """Stretches around numbers, those that touch joined."""
    start = end = -1
    for match in NUMBER.finditer(text):
        low, high = max(0, match.start() - before), min(len(text), match.end() + after)
        if low > end:
            if end > start:
                yield start, end
            start = low
        end = max(end, high)
    if end > start:
        yield start, end


def around(text: str, sign: str, before: int, after: int) -> Iterator[tuple[int, int]]:
    """A stretch around each place where a sign stands."""
    at = text.find(sign)
    while at >= 0:
        yield max(0, at - before), min(len(text), at + len(sign) + after)
        at = text.find(sign, at + 1)
