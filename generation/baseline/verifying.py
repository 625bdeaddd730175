"""The baseline that verifies statements and writes them anew: what can be told from words alone.

It finds statements that their quote does not bear, that say nothing by themselves, or that the
words themselves put into the past. Whether something is true of a person it cannot tell.
"""

import re
from collections.abc import Mapping
from typing import Any

from generation.words import content_words, coverage

BORNE_OUT = 0.5
"""Which share of a statement's content words must stand in its evidence."""
FEW_WORDS = 3
"""A longer statement may end like one that was broken off."""
LONGEST = 300
CONFIDENCE = 0.5
SENTENCE = re.compile(r"[^.!?\n]+")
POINTING = re.compile(
    r"\b(?:it|that|this|those|these|them|one|ones|so|eso|esto|ese|esa|ello)\W*$|(?:그거|그것|이거|저거)",
    re.IGNORECASE,
)
BROKEN_OFF = re.compile(
    r"\b(?:a|the|and|or|with|for|to|of|in|on|at|about|like|love|prefer|have|use|want|need|can"
    r"|un|una|el|la|y|o|con|para|de|en|gusta|encanta|quiero|tengo)\W*$",
    re.IGNORECASE,
)
"""What a statement ends with that lacks its object."""
PAST = re.compile(
    r"\b(?:used to|no longer(?! than)|any ?more|formerly|back then|ya no|antes|solía)\b"
    r"|예전에|더 이상",
    re.IGNORECASE,
)


def verify(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to the question whether the evidence bears a statement."""
    fault = _fault(inputs["statement"], inputs["evidence"])
    return {"supported": not fault, "fault": fault or "none"}


def _fault(statement: Mapping[str, Any], evidence: list[Mapping[str, Any]]) -> str:
    text = statement["text"]
    said = "\n".join(one["quote"] for one in evidence)
    words = content_words(text)
    if words and coverage(text, said) < BORNE_OUT:
        return "no_evidence"
    if PAST.search(said):
        return "out_of_date"
    if POINTING.search(text):
        return "unclear_alone"
    return "too_general" if _is_broken_off(text) else ""


def _is_broken_off(text: str) -> bool:
    words = content_words(text)
    return not words or (len(words) <= FEW_WORDS and bool(BROKEN_OFF.search(text)))


def refine(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to the question for a better statement: the sentence it stands in, or nothing."""
    statement = inputs["statement"]
    sentence = _sentence(inputs) if inputs["fault"] in ("unclear_alone", "too_general") else ""
    if not sentence or POINTING.search(sentence) or _is_broken_off(sentence):
        return {"attributes": []}
    if len(content_words(sentence)) <= len(content_words(statement["text"])):
        return {"attributes": []}
    text = " ".join(sentence.split())
    return {
        "attributes": [
            {
                "text": text[:1].upper() + text[1:],
                "type": statement["type"],
                "explicitness": statement["explicitness"],
                "scope": statement["scope"],
                "turn": statement["turn"],
                "quote": sentence,
                "confidence": CONFIDENCE,
            }
        ]
    }


def _sentence(inputs: Mapping[str, Any]) -> str:
    """The sentence of the turn in which the quote stands; empty if that is too long."""
    quote, place = inputs["statement"]["quote"], inputs["statement"]["turn"]
    content = next(turn["content"] for turn in inputs["conversation"] if turn["position"] == place)
    for found in SENTENCE.finditer(content):
        if quote in found.group() and len(found.group().strip()) <= LONGEST:
            return found.group().strip()
    return ""
