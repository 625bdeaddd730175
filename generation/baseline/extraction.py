"""The baseline that extracts attributes: clauses in which people speak about themselves.

It copies what was said and infers nothing. It is no model and never called one.
"""

from collections.abc import Mapping
from typing import Any

from generation.baseline.clauses import Rule, clauses

CONFIDENCE = 0.5
"""A rule doesn't know how sure it is."""


def solve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to the question for attributes, from the turns of the user alone."""
    found: dict[str, dict[str, Any]] = {}
    for turn in inputs["conversation"]:
        if turn["role"] == "user":
            for rule, quote in clauses(turn["content"]):
                text = " ".join(quote.split())
                found.setdefault(text.casefold(), _attribute(rule, quote, text, turn["position"]))
    return {"attributes": list(found.values())}


def _attribute(rule: Rule, quote: str, text: str, position: int) -> dict[str, Any]:
    return {
        "text": text[:1].upper() + text[1:],
        "type": rule.type,
        "explicitness": "stated",
        "scope": rule.scope,
        "turn": position,
        "quote": quote,
        "confidence": CONFIDENCE,
    }
