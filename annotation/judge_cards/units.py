"""What is judged, as far as a card needs it: whom it is about, and which responses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What is known of a response that raters were not told."""

    length: int
    """In code points."""
    mentions: bool | None
    """Does it say anything outright that its generator was given? None: not looked at."""
    model: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """Of one thing judged: the person it is about, and its responses, if any.

    A question about one response has that one alone as `first`.
    """

    person: str
    first: ResponseFacts | None = None
    second: ResponseFacts | None = None
