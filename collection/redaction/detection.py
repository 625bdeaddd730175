"""All detectors over a text or a conversation, and one answer where they overlap."""

from collections.abc import Iterable, Iterator, Sequence

from collection.redaction.address import find_addresses
from collection.redaction.card import find_cards
from collection.redaction.email import find_emails
from collection.redaction.iban import find_ibans
from collection.redaction.ip import find_ips
from collection.redaction.kinds import SPECIFIC, Kind, Span
from collection.redaction.names import introduced_names, known_words, occurrences
from collection.redaction.national_ids import find_national_ids
from collection.redaction.phone import Allowance, find_phones
from collection.redaction.url import find_urls

REGIONS = {
    "en": ("US", "GB"),
    "es": ("ES", "MX", "AR"),
    "ko": ("KR",),
    "ja": ("JP",),
    "zh": ("CN", "TW", "HK"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH"),
    "it": ("IT",),
    "pt": ("PT", "BR"),
    "nl": ("NL",),
    "pl": ("PL",),
    "sv": ("SE",),
    "fi": ("FI",),
    "hi": ("IN",),
}
"""Where people who write a language mostly live; an order of trial, the likeliest first."""
_RANK = {kind: rank for rank, kind in enumerate(SPECIFIC)}


def regions_of(languages: Iterable[str]) -> tuple[str, ...]:
    """The regions in which to look for numbers of people who write these languages."""
    found: dict[str, None] = {}
    for language in languages:
        tag, _, country = language.partition("-")
        if country.isalpha() and len(country) == len("US"):
            found[country.upper()] = None
        found.update(dict.fromkeys(REGIONS.get(tag.lower(), ())))
    return tuple(found)


def detect(text: str, *, names: Sequence[str] = (), regions: Sequence[str]) -> list[Span]:
    """Personal data in a text, in order, nothing overlapping.

    `names` are known to be of people; `regions` are country codes. Offsets count code points. What
    is found, and what is not, stands in `docs/privacy.md`.
    """
    return detect_in_all([text], names=names, regions=regions)[0]


def detect_in_all(
    texts: Sequence[str], *, names: Sequence[str] = (), regions: Sequence[str]
) -> list[list[Span]]:
    """The same for the texts of one conversation: a name found in one is known in all."""
    introduced = [list(introduced_names(text)) for text in texts]
    said = [
        text[span.start : span.end]
        for text, spans in zip(texts, introduced, strict=True)
        for span in spans
    ]
    known = known_words([*names, *said])
    allowance = Allowance()
    return [
        without_overlaps([*spans, *_found(text, regions, allowance), *occurrences(text, known)])
        for text, spans in zip(texts, introduced, strict=True)
    ]


def _found(text: str, regions: Sequence[str], allowance: Allowance) -> Iterator[Span]:
    yield from find_emails(text)
    yield from find_urls(text)
    yield from find_ips(text)
    if any_digit(text):
        yield from find_cards(text)
        yield from find_ibans(text)
        yield from find_national_ids(text, regions)
        yield from find_phones(text, regions, allowance)
        yield from find_addresses(text)


def any_digit(text: str) -> bool:
    """Most detectors begin at a digit."""
    return any(sign in text for sign in "0123456789") or not text.isascii()


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The longest of those that overlap, of equals the most specific; in order.

    As longer ones come first, one that overlaps a kept one has its first or last sign in it: so
    the time grows with the text, not with the square of the spans.
    """
    best_first = sorted(spans, key=lambda span: (span.start - span.end, _rank(span), span.start))
    taken = bytearray(max((span.end for span in best_first), default=0))
    kept: list[Span] = []
    for span in best_first:
        start, end = span.start, span.end
        if not (taken[start] or taken[end - 1]):
            taken[start:end] = b"\x01" * (end - start)
            kept.append(span)
    return sorted(kept)


def _rank(span: Span) -> int:
    return _RANK[Kind(span.kind)]
