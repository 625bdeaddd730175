"""The baseline that sums a person up: the notes as they stand, or what the person said last.

It leaves nothing out by judgment and adds nothing; it is no model and never called one.
"""

from collections.abc import Mapping
from typing import Any

MOST_WORDS = 150
MOST_SAID = 5


def solve(inputs: Mapping[str, Any]) -> str:
    """A summary of the notes and the person's turns, cut at a number of words."""
    person = inputs["person"]
    said = [
        turn["content"]
        for conversation in person["conversations"]
        for turn in conversation["turns"]
        if turn["role"] == "user"
    ]
    sentences = [_sentence(text) for text in [*person["notes"], *said[:MOST_SAID]]]
    words = " ".join(sentences).split()
    return " ".join(words[:MOST_WORDS]) + (" …" if len(words) > MOST_WORDS else "")


def _sentence(text: str) -> str:
    flat = " ".join(text.split())
    return flat if flat.endswith((".", "!", "?", "…")) else f"{flat}."
