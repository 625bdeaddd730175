"""The baseline that ranks answers: how many of the words of the preferences an answer holds.

It knows no meaning: an answer that repeats a preference fits it best.
"""

from collections.abc import Mapping
from typing import Any

from generation.words import coverage


def solve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to a ranking question: the mean share of each preference's words, of 100."""
    preferences = inputs["preferences"]
    return {"scores": {name: _score(preferences, text) for name, text in inputs["answers"].items()}}


def _score(preferences: list[str], answer: str) -> int:
    shares = [coverage(preference, answer) for preference in preferences]
    return round(100 * sum(shares) / len(shares)) if shares else 0
