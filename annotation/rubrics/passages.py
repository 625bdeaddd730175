"""Words quoted from a text, found in it; spans of a text, as words one can read."""

import re
from collections.abc import Collection, Iterator
from itertools import chain

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Span = tuple[int, int]

UNSEEN = frozenset(" \t\n\r\xa0>#*_`~|\\-")
"""White space, and what Markdown writes among words without showing it."""
LONGEST_QUOTE = 2_000
LONGEST_SHOWN = 80
PLACED = re.compile(r"\[\[([0-9]{1,9})-([0-9]{1,9})\]\] “.*”", re.DOTALL)
"""How the page's script writes a mark, and no text words: `10-20` may stand in a text itself."""
MARKS = "“”\"'«»„‘’"


def read_spans(lines: str, text: str | None) -> list[list[int]]:
    """One span per line: marked by the script, as `[[12-40]] “words”`, or words of the text.

    Words that stand there several times mean the first place that no earlier line took. Raises
    ValidationError with a sentence for the first line that is neither.
    """
    found: list[list[int]] = []
    for line in filter(None, (line.strip() for line in lines.split("\n"))):
        if placed := PLACED.fullmatch(line):
            found.append([int(placed[1]), int(placed[2])])
            continue
        span = find_words(text or "", line, [(start, end) for start, end in found])
        if span is None:
            raise ValidationError(
                _("These words do not stand in the text: “%s”. Copy them as they stand there.")
                % _shortened(line)
            )
        found.append(list(span))
    return found


def find_words(text: str, words: str, taken: Collection[Span] = ()) -> Span | None:
    """Where the words stand: to the letter, else as one reads them, without spaces and Markdown."""
    for wanted in dict.fromkeys((words, words.strip(MARKS + " "))):
        if wanted and len(wanted) <= LONGEST_QUOTE:
            places = chain(_literally(text, wanted), _as_read(text, wanted))
            free = (place for place in places if not _overlaps(place, taken))
            if place := next(free, None):
                return place
    return None


def write_spans(spans: list[list[int]], text: str | None) -> str:
    """Spans as `read_spans` reads them, with the words for people."""
    lines = []
    for start, end in spans:
        words = " ".join((text or "")[start:end].split())
        lines.append(f"[[{start}-{end}]] “{_shortened(words)}”")
    return "\n".join(lines)


def _overlaps(place: Span, taken: Collection[Span]) -> bool:
    return any(place[0] < end and start < place[1] for start, end in taken)


def _literally(text: str, words: str) -> Iterator[Span]:
    at = text.find(words)
    while at >= 0:
        yield at, at + len(words)
        at = text.find(words, at + len(words))


def _as_read(text: str, words: str) -> Iterator[Span]:
    """Compared without what is unseen; each character kept knows its place."""
    places = [place for place, character in enumerate(text) if character not in UNSEEN]
    seen = "".join(text[place] for place in places)
    wanted = "".join(character for character in words if character not in UNSEEN)
    if wanted:
        for start, end in _literally(seen, wanted):
            yield places[start], places[end - 1] + 1


def _shortened(words: str) -> str:
    return words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 1] + "…"
