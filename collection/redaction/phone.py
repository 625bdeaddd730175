"""Phone numbers, as `phonenumbers` knows them: international ones, and those of some regions.

The library's matcher is slow, so it is asked only about stretches rich in digits that are not
obviously something else; and a bare row of digits counts only if it is a mobile number or a word
beside it says what it is.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberMatcher, PhoneNumberType
from stdnum import isbn

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import digit_runs

_DATE = re.compile(
    r"(?:(?:19|20)\d\d[\s./\-]{1,2}[01]?\d[\s./\-]{1,2}[0-3]?\d"
    r"|[0-3]?\d[./\-][0-3]?\d[./\-](?:19|20)\d\d)(?!\d)"
)
_GROUPED = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d{1,2}(?:\s\d{3})+)(?:[.,]\d+)?\Z")
_FOUR_PARTS = re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_CUE = re.compile(
    r"phone|mobile|\bcell\b|\btel\b|call me|text me|whatsapp|telegram|signal|\bfax\b"
    r"|tel[eé]f|m[oó]vil|celular|ll[aá]ma"
    r"|전화|연락처|휴대폰|핸드폰|번호|電話|携帯|番号|电话|手机|号码|微信|联系"
    r"|telefon|handy|t[eé]l[eé]phone|portable",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"\d[\s\-().–‐]+\d")
_CODE = re.compile(r"[\w$=#_/\\]")
_REACH = 30
_SHORTEST, _LONGEST = 7, 17
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.PAGER)


def find_phones(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """Valid numbers of the regions, and of all countries where written with a plus."""
    for low, high in digit_runs(text):
        start = _with_prefix(text, low)
        if start > 0 and _is_inside_a_word(text[start - 1]):
            continue
        piece = text[start:high]
        if not _may_be_phone(piece):
            continue
        has_cue = bool(_CUE.search(text, max(0, start - _REACH), min(len(text), high + 12)))
        for first, last in _matches(piece, tuple(regions), has_cue):
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
    others = (_DATE.search(piece), isbn.is_valid(piece), _FOUR_PARTS.search(piece))
    return not any(others) and not _is_amount(piece)


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
