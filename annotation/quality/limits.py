"""The `quality` section of the study document: from where on a signal about a rater is a flag."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from studies.comprehension import check_in

FEWEST_ATTEMPTS = 2
"""At the comprehension check: the first one tells nothing."""


class Limits(BaseModel):
    """What is still expected of somebody who tries.

    A signal becomes a flag where what was seen would happen by chance, to somebody who just meets
    the limit, less often than `alpha`; so nobody is flagged for a few answers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    alpha: float = Field(default=0.01, gt=0, lt=0.5)
    least: int = Field(default=10, ge=1, le=100_000)
    """Answers of a rater before patterns and comparisons with others say anything."""
    gold: float = Field(default=0.7, gt=0, lt=1)
    """Share of gold items answered as expected."""
    checks: float = Field(default=0.95, gt=0, lt=1)
    """Share of attention checks passed."""
    skips: float = Field(default=0.2, gt=0, lt=1)
    """Share of gold items and checks that may be passed on; more where other tasks are, too."""
    consistency: float = Field(default=0.6, gt=0, lt=1)
    """Share of repeats answered as the first time."""
    words_per_second: float = Field(default=12, gt=0, le=1000)
    """Faster than this nobody has read; 12 is three times the pace of silent reading."""
    fast: float = Field(default=0.1, gt=0, lt=1)
    """Share of judgments that may be faster."""
    idle: float = Field(default=0.5, gt=0, le=1)
    """Share of the time a page was open without a sign of its reader."""
    pasted: int = Field(default=3, ge=1)
    """Judgments with pasted text."""
    comprehension: int = Field(default=3, ge=FEWEST_ATTEMPTS)
    """Attempts at the comprehension check."""
    same: float = Field(default=0.2, ge=0, lt=1)
    """By how much one answer may be given more often than others give it to the same items."""
    side: float = Field(default=0.6, ge=0.5, lt=1)
    """Share of comparisons in which the same side may win."""
    agreement: float = Field(default=0.5, gt=0, le=1)
    """Agreement with others beyond chance, as a share of the middle rater's."""
    reliability: float = Field(default=0.5, gt=0, le=1)
    """Reliability by Dawid and Skene's model beyond chance, as a share of the middle rater's."""
    copied: float = Field(default=0.9, gt=0, lt=1)
    """How much of their answers somebody who copies is taken to copy."""


def limits_of(document: Mapping[str, Any]) -> Limits:
    """The limits that a study sets, the defaults for what it leaves out.

    Whoever fails the last attempt at the comprehension check judges nothing; so the highest limit
    that somebody can reach is to pass at the last one.
    """
    limits, check = Limits.model_validate(document.get("quality") or {}), check_in(document)
    if check is None or check.attempts >= limits.comprehension:
        return limits
    return limits.model_copy(update={"comprehension": max(check.attempts, FEWEST_ATTEMPTS)})
