"""International bank account numbers whose country's form and check digits are right."""

import re
from collections.abc import Iterator

from stdnum import iban

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around_numbers

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}")
_SHORTEST = 15
_NUMBERS = re.compile(r"[A-Z]{2}\d\d", re.IGNORECASE)


def find_ibans(text: str) -> Iterator[Span]:
    """The longest valid number at each place: what follows in letters is cut off."""
    if not _NUMBERS.search(text):
        return
    for low, high in around_numbers(text, 2, 40):
        for match in _IBAN.finditer(text, low, high):
            end = _valid_end(text, match.start(), match.end())
            if end:
                yield Span(match.start(), end, Kind.IBAN)


def _valid_end(text: str, start: int, end: int) -> int:
    """Where a valid number ends; 0 where none begins."""
    while end - start >= _SHORTEST:
        whole = end == len(text) or not text[end].isalnum()
        if whole and text[end - 1].isalnum() and iban.is_valid(text[start:end]):
            return end
        end -= 1
    return 0
