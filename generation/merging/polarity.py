"""What words of content do not tell: whether something is denied, and of how many.

"Nuts" and "no nuts" share their content words, and vectors of meaning lie close too. Whatever is
near but differs here is never taken for the same; how it stands is asked.
"""

import re
import unicodedata

NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|\w+n['’]t|hate|hates|dislike|dislikes"
    r"|avoid|avoids|nunca|jamás|tampoco|sin|odio|odia)\b"
    r"|(?<=\w)지\s?(?:않|못|마)|(?:^|\s)(?:안|못)\s|싫|없",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def is_denied(text: str) -> bool:
    """Is an odd number of negations said? Two undo each other."""
    folded = unicodedata.normalize("NFKC", text)
    return len(NEGATION.findall(folded)) % 2 == 1


def numbers_in(text: str) -> list[str]:
    """The figures of a text, sorted."""
    return sorted(NUMBER.findall(unicodedata.normalize("NFKC", text)))


def may_say_the_same(one: str, other: str) -> bool:
    """Do both affirm or both deny, and name the same figures?"""
    return is_denied(one) == is_denied(other) and numbers_in(one) == numbers_in(other)
