"""Clauses in which people say something about themselves, found by rules kept as files.

A file of `rules/` holds one language: lines `<name> = pattern` name a part, other lines give type,
scope and pattern of a rule. Rules stand in the order of preference: where two find overlapping
words, the earlier one wins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "rules"
PART = re.compile(r"(<\w+>) = (.+)")
SHORTEST = 5
LONGEST = 300
TRIMMED = " \t\r\n,:;-–—\"'“”‘’()"


@dataclass(frozen=True)
class Rule:
    """One kind of clause, and what an attribute found by it is called."""

    type: str
    scope: str
    pattern: re.Pattern[str]


def clauses(text: str) -> Iterator[tuple[Rule, str]]:
    """Each rule's finds, none overlapping one of an earlier rule, in the order of the text."""
    taken: dict[tuple[int, int], Rule] = {}
    for rule in rules():
        for match in rule.pattern.finditer(text):
            start, end = _trimmed(text, *match.span())
            is_free = all(end <= left or right <= start for left, right in taken)
            if is_free and SHORTEST <= end - start <= LONGEST:
                taken[start, end] = rule
    for (start, end), rule in sorted(taken.items(), key=lambda found: found[0]):
        yield rule, text[start:end]


@cache
def rules() -> list[Rule]:
    """Those of all languages."""
    return [rule for path in sorted(FOLDER.glob("*.txt")) for rule in _rules_in(path)]


def _rules_in(path: Path) -> Iterator[Rule]:
    parts: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if named := PART.fullmatch(line):
            parts[named[1]] = _filled(named[2], parts)
        else:
            type_, scope, pattern = line.split(maxsplit=2)
            yield Rule(type_, scope, re.compile(_filled(pattern, parts), re.IGNORECASE))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(name, part)
    return pattern


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the spaces, commas and quotation marks at its ends."""
    while start < end and text[start] in TRIMMED:
        start += 1
    while start < end and text[end - 1] in TRIMMED:
        end -= 1
    return start, end
