"""Responses by the honest model: what was asked, and one thing of what it was given to know."""

import zlib
from typing import Any

from bench.fakellm.material import Request, materials_in

WAYS = ["it depends", "the simplest is best", "take your time", "try something new"]
MOST_WORDS = 60


def response_to(request: Request) -> str:
    """An answer to the last message; one that is freely sampled ends as its seed says."""
    asked = str(request["messages"][-1]["content"])[:200]
    known = [text for material in materials_in(request) for text in _texts(material)]
    knowing = f", knowing “{_nearest(asked, known)[:200]}”" if known else ""
    return f"About {asked}{knowing}: {_way(request)}."


def summary_of(person: dict[str, Any]) -> str:
    """The beginning of what is known."""
    return " ".join(" ".join(_texts(person)).split()[:MOST_WORDS]) or "Nothing is known."


def scores_for(document: dict[str, Any]) -> dict[str, int]:
    """Of 100, by the words that an answer shares with the preferences."""
    wanted = _words(" ".join(document["preferences"]))
    return {
        name: round(100 * len(wanted & _words(text)) / max(len(wanted), 1))
        for name, text in document["answers"].items()
    }


def _way(request: Request) -> str:
    if not request.get("temperature"):
        return WAYS[0]
    drawn = zlib.crc32(f"{request.get('model')} {request.get('seed')}".encode())
    return WAYS[drawn % len(WAYS)]


def _nearest(asked: str, known: list[str]) -> str:
    """The text that shares most words with the request; the first of equals."""
    return max(known, key=lambda text: len(_words(asked) & _words(text)))


def _texts(material: Any) -> list[str]:
    """Notes, what the person said, a summary, or the personal draft's notes."""
    if isinstance(material, str):
        return [material]
    if isinstance(material, list):
        return [text for entry in material for text in _texts(entry)]
    if "role" in material:
        return [material["content"]] if material["role"] == "user" else []
    names = ("notes", "conversations", "turns")
    return [text for name in names if name in material for text in _texts(material[name])]


def _words(text: str) -> set[str]:
    return {word for word in text.lower().split() if len(word) > 3}
