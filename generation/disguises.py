"""A text as its reader would take it: disguises of letters and words taken off.

Compatible letters (full width, mathematical, circled) become plain ones by NFKC; look-alikes of
other alphabets become Latin; invisible characters go; entities, spelled-out words and base64 are
read. What comes out is for looking at only: nothing is stored or sent in this form.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]")
"""Soft hyphens, zero-width characters and marks of direction."""
SMUGGLED = re.compile("[\U000e0020-\U000e007e]")
"""Letters of the tag block: no reader sees them, some models read them."""
TAGS_START = 0xE0000
MANY_SMUGGLED = 12
"""More than the six that make the flag of a part of a country."""
HIDING = re.compile("[A-Za-z][\u200b-\u200d\u2060-\u2064\ufeff]+[A-Za-z]|[\u202d\u202e]")
"""Something invisible within a Latin word, or letters whose order is turned round."""

LOOK_ALIKES = str.maketrans("асеорхукмтвніјѕԁɡӏαεορυνικτ", "aceopxykmtbhijsdglaeopuvikt")
"""Small Cyrillic and Greek letters that are drawn like Latin ones."""
SPELLED = re.compile(r"(?<![^\W_])(?:[^\W_][ .·*_-]){4,}[^\W_](?![^\W_])")
"""A word with something between all its letters."""
GAP = re.compile(r"[ .·*_-]")
ENTITY = re.compile(r"&#?\w{2,8};")
BLOB = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{24,20000}={0,2}(?![A-Za-z0-9+/=_-])")
READABLE = re.compile(r"(?:[a-z]{2,}\W+){3,}[a-z]{2,}|(?:[^\x00-\u02ff]\W?){8,}", re.IGNORECASE)
"""Four words, or eight letters of a script without spaces: then what was base64 is a text."""


def is_hiding(text: str) -> bool:
    """Does it hold what is there not to be seen?"""
    if text.isascii():
        return False
    return bool(HIDING.search(text)) or len(SMUGGLED.findall(text)) >= MANY_SMUGGLED


def readings(text: str) -> Iterator[str]:
    """The text as a reader takes it, and once more for each disguise that it wears."""
    plain = _folded(text)
    yield plain
    if ENTITY.search(text):
        yield _folded(html.unescape(text))
    if SPELLED.search(plain):
        yield SPELLED.sub(lambda found: GAP.sub("", found.group()), plain)
    yield from (_folded(hidden) for hidden in texts_in_base64(text))


def texts_in_base64(text: str) -> list[str]:
    """What stands in it as base64 and is readable words when decoded."""
    found = (_decoded(blob.group()) for blob in BLOB.finditer(text))
    return [hidden for hidden in found if READABLE.search(hidden)]


def _folded(text: str) -> str:
    """Lower case, plain letters, single spaces; lines stay lines."""
    if not text.isascii():
        shown = SMUGGLED.sub(lambda found: chr(ord(found.group()) - TAGS_START), text)
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", shown))
    folded = text.casefold()
    return re.sub(r"[^\S\n]+", " ", folded if folded.isascii() else folded.translate(LOOK_ALIKES))


def _decoded(blob: str) -> str:
    """The text that the blob encodes, or nothing."""
    standard = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() or "\n" in text else ""
