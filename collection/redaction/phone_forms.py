"""Phone numbers by their countries' patterns alone: less exact than the matcher, and much faster.

For texts with hundreds of them, where asking the matcher about each would take minutes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, normalize_digits_only

_PARTS = re.compile(r"\S(?:[^\n]*\S)?")
_WORDS = re.compile(r"\S+")
_NO_DIGITS = re.compile(r"\D+")
_NEVER = re.compile(r"(?!)")
_LONGEST_CODE = 3
_SHORTEST, _LONGEST = 7, 17


@dataclass(frozen=True, slots=True)
class _Country:
    code: str
    trunk: str
    """What stands before a number within the country."""
    any_number: re.Pattern[str]
    mobile: re.Pattern[str]
    fixed: re.Pattern[str]

    def national(self, digits: str) -> Iterator[str]:
        """The number as it may be meant: as written, without the trunk prefix or the code."""
        yield digits
        if self.trunk:
            yield digits.removeprefix(self.trunk)
        yield digits.removeprefix(self.code)

    def has(self, digits: str, *, is_bare: bool) -> bool:
        """Is it a number there? A bare row of digits only if it can be a mobile one alone."""
        return any(self._is_number(number, is_bare=is_bare) for number in self.national(digits))

    def _is_number(self, number: str, *, is_bare: bool) -> bool:
        if not is_bare:
            return bool(self.any_number.fullmatch(number))
        return bool(self.mobile.fullmatch(number)) and not self.fixed.fullmatch(number)


@cache
def _country(region: str) -> _Country | None:
    known = PhoneMetadata.metadata_for_region(region)
    if known is None:
        return None
    forms = (known.general_desc, known.mobile, known.fixed_line)
    patterns = [form.national_number_pattern if form else None for form in forms]
    every, mobile, fixed = (re.compile(form) if form else _NEVER for form in patterns)
    return _Country(str(known.country_code), known.national_prefix or "", every, mobile, fixed)


def numbers_by_form(
    piece: str, regions: Sequence[str], *, is_bare: bool
) -> Iterator[tuple[int, int]]:
    """Each line as one number; where it is none, each of its words."""
    for line in _PARTS.finditer(piece):
        if _is_number(line[0], regions, is_bare=is_bare):
            yield line.span()
            continue
        for word in _WORDS.finditer(piece, *line.span()):
            if len(word[0]) >= _SHORTEST and _is_number(word[0], regions, is_bare=is_bare):
                yield word.span()


def _is_number(text: str, regions: Sequence[str], *, is_bare: bool) -> bool:
    digits = _NO_DIGITS.sub("", text) if text.isascii() else normalize_digits_only(text)
    if not _SHORTEST <= len(digits) <= _LONGEST:
        return False
    if text[0] in "+＋":
        return _is_international(digits)
    known = (_country(region) for region in regions)
    is_bare = is_bare and digits == text
    return any(country.has(digits, is_bare=is_bare) for country in known if country)


def _is_international(digits: str) -> bool:
    for size in range(1, _LONGEST_CODE + 1):
        for region in COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size] or 0), ()):
            country = _country(region)
            if country and country.any_number.fullmatch(digits[size:]):
                return True
    return False
