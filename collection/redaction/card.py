"""Payment cards: 13 to 19 digits of a card issuer whose last digit checks (Luhn)."""

import re
from collections.abc import Iterator

from stdnum import luhn

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import digit_runs

_CARD = re.compile(
    r"(?<![\d.,])\d{4}(?:([ \-]?)\d{4}\1\d{4}\1\d{1,7}|([ \-]?)\d{6}\2\d{4,5})(?![\d])"
)
_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3[04-9]|6")
_SHORTEST, _LONGEST = 13, 19


def find_cards(text: str) -> Iterator[Span]:
    """Numbers in groups of four, or of four, six and five, or without groups."""
    for low, high in digit_runs(text):
        for match in _CARD.finditer(text, low, high):
            digits = re.sub(r"\D", "", match[0])
            if _is_card(digits):
                yield Span(match.start(), match.end(), Kind.CARD)


def _is_card(digits: str) -> bool:
    is_long_enough = _SHORTEST <= len(digits) <= _LONGEST
    is_varied = len(set(digits)) > 1
    return bool(is_long_enough and is_varied and _ISSUERS.match(digits) and luhn.is_valid(digits))
