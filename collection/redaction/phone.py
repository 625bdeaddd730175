"""Phone numbers, as `phonenumbers` knows them: international ones, and those of some regions.

The library's matcher is slow, so it is asked only about stretches rich in digits that are not
obviously something else; in a conversation with hundreds of those, only about the first of them,
and the rest are told by their form. A bare row of digits counts only if it is a mobile number or a
word beside it says what it is.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberMatcher, PhoneNumberType
from stdnum import isbn

from collection.redaction.kinds import Kind, Span
from collection.redaction.phone_forms import numbers_by_form
from collection.redaction.windows import digit_runs

_DATE = re.compile(
    r"(?:(?:19|20)\d\d[\s./\-]{1,2}[01]?\d[\s./\-]{1,2}[0-3]?\d"
    r"|[0-3]?\d[./\-][0-3]?\d[./\-](?:19|20)\d\d)(?!\d)"
)
_GROUPED = re.compile(r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,2}(?:\s\d{3})+(?:[.,]\d+)?)\Z")
_FOUR_PARTS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_CUE = re.compile(
    r"phone|mobile|\bcell\b|\btel\b|call me|text me|whatsapp|telegram|signal|\bfax\b"
    r"|tel[eé]f|m[oó]vil|celular|ll[aá]ma"
    r"|전화|연락처|휴대폰|핸드폰|번호|電話|携帯|番号|电话|手机|号码|微信|联系"
    r"|telefon|handy|t[eé]l[eé]phone|portable",
    re.IGNORECASE,
)
_BOOK = re.compile(r"isbn", re.IGNORECASE)
_BOOK_PREFIX = re.compile(r"97[89][\s\-]?\d")
_SEPARATED = re.compile(r"\d[\s\-().–‐]+\d")
_CODE = re.compile(r"[\w$=#_/\\]")
_REACH = 30
_NEAR = 16
_SHORTEST, _LONGEST = 7, 17
MOST_ASKED = 200
"""In one conversation; a stretch takes about a millisecond."""
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.PAGER)


class Allowance:
    """How many stretches the matcher may still be asked about."""

    def __init__(self, size: int = MOST_ASKED) -> None:
        self._left = size

    def take(self) -> bool:
        """Use one up; False where none is left."""
        self._left -= 1
        return self._left >= 0


def find_phones(text: str, regions: Sequence[str], allowance: Allowance) -> Iterator[Span]:
    """Valid numbers of the regions, and of all countries where written with a plus."""
    wanted = tuple(regions)
    for low, high in digit_runs(text):
        start = _with_prefix(text, low)
        if start > 0 and _is_inside_a_word(text[start - 1]):
            continue
        piece = text[start:high]
        if not _may_be_phone(piece):
            continue
        if _is_book(text, start, piece):
            continue
        has_cue = bool(_CUE.search(text, max(0, start - _REACH), min(len(text), high + 12)))
        if allowance.take():
            found = _matches(piece, wanted, has_cue)
        else:
            found = tuple(numbers_by_form(piece, wanted, is_bare=not has_cue))
        for first, last in found:
            yield Span(start + first, start + last, Kind.PHONE)


def _with_prefix(text: str, low: int) -> int:
    """The plus and the opening bracket before the first digit belong to the number."""
    start = low
    while start > 0 and text[start - 1] in "+＋(（" and low - start < 2:
        start -= 1
    return start


def _is_inside_a_word(before: str) -> bool:
    """As in code; but Korean, Japanese and Chinese put no space before a number."""
    return bool(_CODE.match(before)) and not (before > "\u1100" and before.isalpha())


def _may_be_phone(piece: str) -> bool:
    digits = sum(sign.isdigit() for sign in piece)
    if not _SHORTEST <= digits <= _LONGEST and "\n" not in piece and "  " not in piece:
        return digits <= 2 * _LONGEST and bool(_SEPARATED.search(piece))
    others = (_DATE.search(piece), _FOUR_PARTS.search(piece))
    return not any(others) and not _is_amount(piece)


def _is_book(text: str, start: int, piece: str) -> bool:
    """A number of ten digits often checks as an ISBN by chance: a word or a prefix must say so."""
    is_named = _BOOK.search(text, max(0, start - _NEAR), start) or _BOOK_PREFIX.match(piece)
    return bool(is_named) and isbn.is_valid(piece)


def _is_amount(piece: str) -> bool:
    """Like 1.234.567 or 12 345 678: thousands in groups of three."""
    return bool(_GROUPED.match(piece)) and piece[:1] not in "+0("


@lru_cache(maxsize=10_000)
def _matches(piece: str, regions: tuple[str, ...], has_cue: bool) -> tuple[tuple[int, int], ...]:
    for region in ("ZZ",) if piece[:1] in "+＋" else regions:
        found = [
            (match.start, match.end)
            for match in PhoneNumberMatcher(piece, None if region == "ZZ" else region)
            if _is_meant(match.raw_string, match.number, has_cue)
        ]
        if found:
            return tuple(found)
    return ()


def _is_meant(raw: str, number: phonenumbers.PhoneNumber, has_cue: bool) -> bool:
    """A valid number by chance is common among rows of digits; form or context must say so."""
    if has_cue or raw[:1] in "+＋" or _SEPARATED.search(raw):
        return True
    return phonenumbers.number_type(number) in _MOBILE
