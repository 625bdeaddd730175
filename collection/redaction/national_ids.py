"""Official numbers of persons, by country: only those of which a check digit or form is right."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.jp import in_ as my_number
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around_matches

Check = Callable[[str], bool]
ANYWHERE = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A country's number: its form, and what tells a right one from a row of digits."""

    form: re.Pattern[str]
    check: Check
    region: str = ANYWHERE
    """Where it is looked for; anywhere, if its form alone is telling."""


def _form(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){text}(?![A-Za-z0-9])")


def _is_insurance_number(text: str) -> bool:
    """The British number has no check digit; its first letters exclude most codes."""
    letters = text[:2]
    return not (set(letters) & set("DFIQUV")) and letters[1] != "O" and letters not in _UNUSED


_UNUSED = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}

NUMBERS = (
    Number(_form(r"\d{3}[ \-]\d{2}[ \-]\d{4}"), ssn.is_valid),
    Number(_form(r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]"), _is_insurance_number),
    Number(_form(r"\d{8}[ \-]?[A-Za-z]"), dni.is_valid),
    Number(_form(r"[XYZxyz][ \-]?\d{7}[ \-]?[A-Za-z]"), nie.is_valid),
    Number(_form(r"\d{6}[ \-]?[1-8]\d{6}"), rrn.is_valid),
    Number(_form(r"\d{17}[\dXx]"), ric.is_valid),
    Number(_form(r"\d{4}[ \-]?\d{4}[ \-]?\d{4}"), my_number.is_valid, "JP"),
    Number(_form(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"), idnr.is_valid, "DE"),
    Number(_form(r"[12378] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}"), nir.is_valid),
    Number(_form(r"[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]"), codicefiscale.is_valid),
    Number(_form(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d"), curp.is_valid),
    Number(_form(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), cpf.is_valid),
    Number(_form(r"756\.\d{4}\.\d{4}\.\d{2}"), ahv.is_valid),
    Number(_form(r"\d{6}[-+A]\d{3}[0-9A-Y]"), hetu.is_valid, "FI"),
    Number(_form(r"(?:\d{2})?\d{6}[-+]\d{4}"), personnummer.is_valid, "SE"),
    Number(_form(r"\d{11}"), pesel.is_valid, "PL"),
    Number(_form(r"\d{9}"), bsn.is_valid, "NL"),
    Number(_form(r"\d{3}[ \-]\d{3}[ \-]\d{3}"), sin.is_valid, "CA"),
    Number(_form(r"\d{4} ?\d{4} ?\d{4}"), aadhaar.is_valid, "IN"),
)
_RICH = re.compile(r"\d(?:[ \-./]?\d){5}|\d\d[A-Za-z]\d\d[A-Za-z]\d\d")
"""Every form has six digits together, but for the Italian one."""
_BEFORE, _AFTER = 12, 30


def find_national_ids(text: str, regions: Sequence[str]) -> Iterator[Span]:
    """Numbers that are telling anywhere, and those of the regions."""
    wanted = [number for number in NUMBERS if not number.region or number.region in regions]
    for low, high in around_matches(text, _RICH, _BEFORE, _AFTER):
        for number in wanted:
            for match in number.form.finditer(text, low, high):
                if number.check(match[0]):
                    yield Span(match.start(), match.end(), Kind.NATIONAL_ID)
