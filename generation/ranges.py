"""Figures that are not known for sure: what is expected, and between what it lies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev

CONFIDENCE = 1.96
"""Standard errors on either side of a mean: 95 % of samples hold it."""


@dataclass(frozen=True)
class Range:
    """A figure and between what it lies."""

    low: float
    expected: float
    high: float

    def times(self, low: float, expected: float, high: float) -> "Range":
        """Each end multiplied."""
        return Range(self.low * low, self.expected * expected, self.high * high)

    def as_numbers(self) -> dict[str, int]:
        """Whole numbers, for JSON."""
        return {
            "low": round(self.low), "expected": round(self.expected), "high": round(self.high),
        }  # fmt: skip


NOTHING = Range(0, 0, 0)


def sum_of(ranges: Iterable[Range]) -> Range:
    """End by end: never narrower than what is known of the sum."""
    found = list(ranges)
    return Range(
        sum(one.low for one in found),
        sum(one.expected for one in found),
        sum(one.high for one in found),
    )


def total(sample: Sequence[float], count: int) -> Range:
    """The sum over so many, of which a sample is known: its mean with a 95 % interval.

    The interval has the correction for samples of a finite whole (Cochran 1977, 2.15).
    """
    mean, known = fmean(sample), len(sample)
    if known == count:
        return Range(mean * count, mean * count, mean * count)
    error = pstdev(sample) / sqrt(max(known - 1, 1)) * sqrt(1 - known / count)
    return Range(
        max(mean - CONFIDENCE * error, 0.0) * count,
        mean * count,
        (mean + CONFIDENCE * error) * count,
    )
