"""The neighbourhoods of digits: most of a text has none, and is then never looked at closely."""

import re
from collections.abc import Iterable, Iterator

NUMBER = re.compile(r"\d+")
_RICH = re.compile(r"\d(?:[\s().\-–‐−/·　]{0,3}\d){6,29}")
"""Seven to thirty digits with little between them."""


def digit_runs(text: str) -> Iterator[tuple[int, int]]:
    """Where at least seven digits stand together, separators between them allowed."""
    for match in _RICH.finditer(text):
        yield match.span()


def around_numbers(text: str, before: int, after: int) -> Iterator[tuple[int, int]]:
    """Stretches around numbers, those that touch joined."""
    yield from around_matches(text, NUMBER, before, after)


def around_matches(
    text: str, form: re.Pattern[str], before: int, after: int
) -> Iterator[tuple[int, int]]:
    """Stretches around what has a form, those that touch joined."""
    size = len(text)
    yield from _joined(
        (max(0, match.start() - before), min(size, match.end() + after))
        for match in form.finditer(text)
    )


def around(text: str, sign: str, before: int, after: int) -> Iterator[tuple[int, int]]:
    """Stretches around the places where a sign stands, those that touch joined."""
    size = len(text)
    yield from _joined(
        (max(0, at - before), min(size, at + len(sign) + after)) for at in places(text, sign)
    )


def places(text: str, sign: str) -> Iterator[int]:
    """Where a sign stands."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def _joined(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Nothing is looked at twice, however often the sign stands."""
    start = end = -1
    for low, high in stretches:
        if low > end:
            if end > start:
                yield start, end
            start = low
        end = max(end, high)
    if end > start:
        yield start, end
