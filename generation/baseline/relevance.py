"""The baseline that decides relevance: shared content words between a note and the request.

A note is relevant if its BM25 score for the request is at least half of the best note's. It knows
no meaning: "vegan" and "steak" have nothing to do with each other here.
"""

from collections.abc import Mapping
from typing import Any

from generation.ranking import bm25

SHARE_OF_BEST = 0.5


def solve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to a relevance question: each note decided once."""
    notes = inputs["notes"]
    scores = bm25(_asked(inputs), [note["text"] for note in notes])
    least = SHARE_OF_BEST * max(scores, default=0.0)
    decisions = [
        {"id": note["id"], "relevant": score > 0 and score >= least}
        for note, score in zip(notes, scores, strict=True)
    ]
    return {"decisions": decisions}


def _asked(inputs: Mapping[str, Any]) -> str:
    """The request, and what the person said before it."""
    said = [turn["content"] for turn in inputs["before"] if turn.get("role") == "user"]
    return "\n".join([*said[-2:], inputs["request"]])
