"""The material in a request, as a model finds it: between the two lines that the rules name."""

import json
import re
from typing import Any

RULE = re.compile(r"BEGIN MATERIAL ([0-9a-f]{32}) and")
Request = dict[str, Any]


def materials_in(request: Request) -> list[Any]:
    """Every document whose lines the instructions name, in order; a copied line is only text."""
    texts = [str(message["content"]) for message in request["messages"]]
    rules = [
        text
        for text, message in zip(texts, request["messages"], strict=True)
        if message["role"] == "system"
    ]
    marks = [mark for text in rules for mark in RULE.findall(text)]
    found = [_between(mark, text) for mark in dict.fromkeys(marks) for text in texts]
    return [json.loads(document) for document in found if document is not None]


def material_in(request: Request) -> dict[str, Any]:
    """The one that the question is about; empty where the question has none."""
    found = [material for material in materials_in(request) if isinstance(material, dict)]
    return found[-1] if found else {}


def _between(mark: str, text: str) -> str | None:
    found = re.search(rf"^BEGIN MATERIAL {mark}$(.*?)^END MATERIAL {mark}$", text, re.S | re.M)
    return found[1] if found else None
