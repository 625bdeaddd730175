"""Postal addresses: a street with its number, or a form that only addresses have.

Patterns are modest: they look around numbers only, and want a word that streets have.
"""

import re
from collections.abc import Iterator

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around_numbers

_EN_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Place|Pl"
    r"|Terrace|Crescent|Close|Way|Parkway|Pkwy|Highway|Hwy)"
)
_EN_CODE = r"(?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})"
_ENGLISH = (
    r"(?<![\w.,$€£])\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})? (?:[NSEW]\.? )?(?:[A-Z][\w'’.]* ){1,3}"
    rf"{_EN_STREET}\b\.?(?:,? (?:Apt|Apartment|Unit|Suite|Flat|#)\.? ?\w{{1,5}})?"
    rf"(?:,? (?:[A-Z][\w'’.]*[ ,]+){{1,3}}{_EN_CODE}(?![\w]))?"
)
_SPANISH = (
    r"(?:[Cc]alle|C/|[Aa]venida|[Aa]vda?\.|[Pp]laza|[Pp]aseo|[Cc]arrera|[Cc]amino|[Rr]onda)"
    r" ?(?:(?:de|del|la|las|los|el) )*[A-ZÁÉÍÓÚÑ][\wáéíóúñ]*(?: (?:(?:de|del|la|y) )*"
    r"[A-ZÁÉÍÓÚÑ][\wáéíóúñ]*){0,3},?(?: n[.º°úu]*m?\.?)? ?\d{1,4}[A-Za-z]?"
    r"(?:,? \d{1,2}[ºª°][ \w]{0,4})?(?:,? \d{5} [A-ZÁÉÍÓÚÑ][\wáéíóúñ]+)?"
)
_GERMAN = (
    r"(?<!\w)[A-ZÄÖÜ][\wäöüß\-]*(?:straße|strasse|str\.|weg|gasse|allee|platz) \d{1,4}[a-z]?\b"
    r"(?:, \d{4,5} [A-ZÄÖÜ][\wäöüß]+)?"
)
_KOREAN = (  # a district must be named, as "로" before a number is mostly a particle
    r"(?:[가-힣]{2,7}(?:특별시|광역시|특별자치시|특별자치도|도|시) ?)?"
    r"(?:[가-힣]{1,5}[시군구] ?){1,2}(?:[가-힣]{1,6}[읍면동] ?)?"
    r"[가-힣A-Za-z0-9·]{1,12}(?:대로|로|길)(?: ?\d{1,3}[번가]?길)? ?"
    r"\d{1,4}(?:-\d{1,4})?(?:번지)?(?!\d|[년월일시분원개명회차점%번])"
    r"(?:,? ?\d{1,4}동)?(?:,? ?\d{1,4}호)?"
)
_JAPANESE_CODE = r"〒 ?\d{3}[-−－]?\d{4}"
_JAPANESE = (
    r"(?:〒? ?\d{3}[-−－]\d{4} ?)?(?:東京都|北海道|(?:大阪|京都)府|[一-龠]{2,3}県)?"
    r"(?:[一-龠ァ-ヶー]{1,8}|[ぁ-ん]{3,6})[市区郡町村][一-龠ァ-ヶーぁ-ん]{0,12}"
    r"(?:\d{1,4}丁目(?:\d{1,4}番(?:地)?)?(?:\d{1,4}号?)?"
    r"|\d{1,4}[-−－‐]\d{1,4}(?:[-−－‐]\d{1,4})?)(?![\d年月日])"
)
_CHINESE = (
    r"(?:[一-龥]{2,8}(?:省|自治区))?(?:[一-龥]{2,5}市)?(?:[一-龥]{1,6}[区县镇乡])?"
    r"[一-龥]{1,8}(?:路|街|大道|巷|弄|胡同)(?:[一-龥]{0,3})? ?\d{1,5}号"
    r"(?:院|楼)?(?:\d{1,4}(?:栋|幢|号楼|座|单元|室|层)){0,4}"
)
_ENGLISH_WORDS = (
    "St", "Rd", "Road", "Ave", "Bou", "Blvd", "Lane", "Ln", "Dr", "Court", "Ct", "Sq", "Pl", "Ter",
    "Cres", "Close", "Way", "Park", "Pkwy", "High", "Hwy",
)  # fmt: skip
_SPANISH_WORDS = ("alle", "C/", "veni", "vda", "laza", "aseo", "arrera", "amino", "onda")
_PATTERNS = [
    (_ENGLISH_WORDS, re.compile(_ENGLISH)),
    (_SPANISH_WORDS, re.compile(_SPANISH)),
    (("traße", "trasse", "str.", "weg ", "gasse ", "allee ", "platz "), re.compile(_GERMAN)),
    (("로", "길"), re.compile(_KOREAN)),
    (tuple("市区郡町村"), re.compile(_JAPANESE)),
    (("〒",), re.compile(_JAPANESE_CODE)),
    (("号",), re.compile(_CHINESE)),
]
"""Words of which an address of the form has one; to look for a word is cheap."""
_LEAD = re.compile(r"(?:我|家|住|在|于|位|地址|是)+")
_BEFORE, _AFTER = 48, 72


def find_addresses(text: str) -> Iterator[Span]:
    """Streets with numbers, as English, Spanish, German, Korean, Japanese and Chinese write."""
    patterns = [form for words, form in _PATTERNS if any(word in text for word in words)]
    seen: set[tuple[int, int]] = set()
    for low, high in around_numbers(text, _BEFORE, _AFTER) if patterns else ():
        for pattern in patterns:
            seen.update(match.span() for match in pattern.finditer(text, low, high))
    for start, end in sorted(seen):
        lead = _LEAD.match(text, start, end)
        yield Span(lead.end() if lead else start, end, Kind.ADDRESS)
