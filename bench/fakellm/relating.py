"""How the honest model compares statements of one person, and looks at one with its evidence."""

import re
from typing import Any

WORD = re.compile(r"\w+")
DENIAL = re.compile(r"\b(?:not|no|never|without|hate|\w+n['’]t)\b|않|싫", re.IGNORECASE)
SINGLE = re.compile(r"\b(?:live in|work as|work at|am|is|have)\s+(\w+)", re.IGNORECASE)
CLOSE = 0.5
SHORTEST_WORD = 3


def relations_of(pairs: list[dict[str, Any]]) -> list[dict[str, str]]:
    """For each pair how the two stand to each other."""
    return [
        {"id": pair["id"], "relation": _relation(pair["first"], pair["second"])} for pair in pairs
    ]


def _relation(one: str, other: str) -> str:
    if bool(DENIAL.search(one)) != bool(DENIAL.search(other)):
        return "contradicts" if _shared(one, other) >= CLOSE else "unrelated"
    if _words(one) == _words(other):
        return "same"
    first, second = SINGLE.search(one), SINGLE.search(other)
    if first and second and first.group().split()[0] == second.group().split()[0]:
        return "updates" if first[1].lower() != second[1].lower() else "unrelated"
    return "unrelated"


def verdict_on(document: dict[str, Any]) -> dict[str, Any]:
    """Whether the evidence bears the statement; the main fault if not."""
    said = " ".join(place["quote"] for place in document["evidence"])
    text = document["statement"]["text"].removeprefix("Says: ")
    if _words(text) and _shared(text, said) < CLOSE:
        return {"supported": False, "fault": "no_evidence"}
    if document["statement"]["scope"] == "task":
        return {"supported": False, "fault": "about_task"}
    if len(_words(text)) < 2:
        return {"supported": False, "fault": "too_general"}
    return {"supported": True, "fault": "none"}


def revisions_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The whole of what was said in place of what is too general; nothing in place of others."""
    statement = document["statement"]
    if document["fault"] not in ("too_general", "unclear_alone"):
        return []
    turn = next(row for row in document["conversation"] if row["position"] == statement["turn"])
    quote = turn["content"].strip()[:300]
    fresh = {"text": f"Says in full: {quote}"[:400], "explicitness": "stated", "quote": quote}
    return [{**statement, **fresh, "confidence": 0.9}]


def _words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if len(word) > SHORTEST_WORD}


def _shared(one: str, other: str) -> float:
    """Shared words over those of the text with fewer."""
    left, right = _words(one), _words(other)
    fewer = min(len(left), len(right))
    return len(left & right) / fewer if fewer else 0.0
