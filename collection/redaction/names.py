"""Names of people: said in a phrase ("my name is …"), signed with, or known from an account.

No list of names is searched for: a name that nobody introduces is not found. A cue is looked for as
plain text, which is fast, and only where it stands is a pattern tried.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from collection.redaction.kinds import Kind, Span
from collection.redaction.name_cues import CUES, Cue

NOT_NAMES = frozenset((Path(__file__).parent / "not_names.txt").read_text("utf-8").split())
"""What follows such a phrase and is no name: nationalities, trades, days, products."""
_ASIAN_ENDS = ("생입", "생", "인입", "国人", "员", "師", "师", "的", "座", "국인", "선생님", "人")
_WINDOW = 120
_SHORTEST_KNOWN = 2
_FEW = 50


def introduced_names(text: str) -> Iterator[Span]:
    """Names that a phrase introduces, or a letter ends with."""
    for cue in CUES:
        at = text.find(cue.words)
        while at >= 0:
            if found := _name_at(text, at, cue):
                yield found
            at = text.find(cue.words, at + len(cue.words))


def _name_at(text: str, at: int, cue: Cue) -> Span | None:
    if cue.is_after:
        end = at + len(cue.words)
        match = cue.pattern.match(text, end, min(len(text), end + _WINDOW))
    else:
        match = cue.pattern.search(text, max(0, at - _WINDOW // 4), at)
    if match is None:
        return None
    start, end = match.span("name")
    return _without_common_words(text, start, end)


def _without_common_words(text: str, start: int, end: int) -> Span | None:
    """The name as far as its words can be names; None where the first already can't."""
    name = text[start:end]
    if not name.isascii() and name[0] > "\u1100":
        refused = name in NOT_NAMES or name.endswith(_ASIAN_ENDS)
        return None if refused else Span(start, end, Kind.NAME)
    for match in re.finditer(r"\S+", name):
        if match[0] in NOT_NAMES:
            if match.start() == 0:
                return None
            return Span(start, start + len(name[: match.start()].rstrip()), Kind.NAME)
    return Span(start, end, Kind.NAME)


def known_words(names: Iterable[str]) -> list[str]:
    """Names as they are searched for: each whole, and each of its parts; the longest first."""
    words = set()
    for name in names:
        whole = " ".join(name.split())
        parts = [part for part in whole.split(" ") if part[:1].isupper() or not part.isascii()]
        words.update([whole, *parts])
    kept = (word for word in words if len(word) >= _SHORTEST_KNOWN and word not in NOT_NAMES)
    return sorted(kept, key=lambda word: (-len(word), word))


def occurrences(text: str, words: Sequence[str], kind: str = Kind.NAME) -> Iterator[Span]:
    """Wherever one of the words stands by itself."""
    found = _one_by_one(text, words) if len(words) <= _FEW else _all_at_once(text, words)
    for at, end in found:
        if stands_alone(text, at, end):
            yield Span(at, end, kind)


def _one_by_one(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The text is gone through for each word, by a search in C: best for a few."""
    for word in words:
        at = text.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = text.find(word, at + len(word))


def _all_at_once(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The text is gone through once, however many words: by their first two letters."""
    wanted = set(words)
    sizes: dict[str, set[int]] = defaultdict(set)
    for word in words:
        sizes[word[:_SHORTEST_KNOWN]].add(len(word))
    for at in range(len(text) - 1):
        for size in sizes.get(text[at : at + _SHORTEST_KNOWN], ()):
            if text[at : at + size] in wanted:
                yield at, at + size


def stands_alone(text: str, start: int, end: int) -> bool:
    """Does no letter or digit of its own kind of writing go on before or after?

    Korean, Japanese and Chinese write particles right behind a name, so there it always does.
    """
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_goes_on(before, text[start]) or _goes_on(text[end - 1], after))


def _goes_on(left: str, right: str) -> bool:
    if not left or not right:
        return False
    has_no_spaces = left > "\u1100" or right > "\u1100"
    return (
        not has_no_spaces and (left.isalnum() or left == "_") and (right.isalnum() or right == "_")
    )
