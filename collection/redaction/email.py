"""E-mail addresses, also those written with (at) and (dot)."""

import re
from collections.abc import Iterator

from collection.redaction.kinds import Kind, Span
from collection.redaction.windows import around

_LETTERS = "A-Za-z0-9À-ÖØ-öø-ɏ"
_PLAIN = re.compile(
    rf"(?<![{_LETTERS}._%+\-])[{_LETTERS}][{_LETTERS}._%+'\-]{{0,63}}[@＠]"
    rf"(?:[{_LETTERS}](?:[{_LETTERS}\-]{{0,62}})[.．])+[A-Za-zÀ-ÿ]{{2,24}}"
)
_DOT = r"\s?(?:[.]|[\[(]\s?(?:dot|punto|punkt|点|점)\s?[\])])\s?"
_SPELT = re.compile(
    rf"(?<![{_LETTERS}._%+\-])[{_LETTERS}][{_LETTERS}._%+\-]{{0,63}}"
    rf"\s?[\[(]\s?(?:at|arroba|アット|골뱅이)\s?[\])]\s?"
    rf"[{_LETTERS}][{_LETTERS}\-]{{0,62}}(?:{_DOT}[{_LETTERS}\-]{{2,24}}){{1,3}}",
    re.IGNORECASE,
)
_SIGNS = ("@", "＠")
_SPELT_SIGNS = ("at)", "at]", "AT)", "AT]", "arroba)", "arroba]", "アット)", "골뱅이)")
_BEFORE, _AFTER = 80, 200


def find_emails(text: str) -> Iterator[Span]:
    """Each address once."""
    seen: set[tuple[int, int]] = set()
    for pattern, signs in ((_PLAIN, _SIGNS), (_SPELT, _SPELT_SIGNS)):
        for sign in filter(text.__contains__, signs):
            for low, high in around(text, sign, _BEFORE, _AFTER):
                seen.update(match.span() for match in pattern.finditer(text, low, high))
    for start, end in sorted(seen):
        yield Span(start, end, Kind.EMAIL)
