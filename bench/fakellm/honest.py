"""A model that computes each answer from the request alone, by rules of its own.

It reads the material that the rules name, the instructions before it and the schema asked
for, as any model would. With `bench.fakellm` it stands behind a real HTTP server:
`FakeLlm(honest_answer)`, or `python -m bench.fakellm --answer bench.fakellm.honest:honest_answer`.
"""

import json
import re
from typing import Any

from bench.fakellm.adding import sum_in
from bench.fakellm.material import material_in
from bench.fakellm.relating import relations_of, revisions_of, verdict_on
from bench.fakellm.responding import response_to, scores_for, summary_of

SENTENCE = re.compile(r"[^.!?\n]+")
ABOUT_ME = re.compile(
    r"\b(?:i|i'm|i’m|i've|my|we|our|soy|me|mi|tengo|vivo)\b|저는|제|좋아|싫어", re.IGNORECASE
)
KINDS = [
    (re.compile(r"allerg|vegan|vegetarian|can't|cannot|minutes|hour|alérgic|채식"), "constraint"),
    (re.compile(r"\b(?:wife|husband|son|daughter|kids|family|hij[oa])\b|남편|딸"), "relation"),
    (re.compile(r"\b(?:want|goal|hope|quiero)\b|싶"), "goal"),
    (re.compile(r"\b(?:have|own|tengo)\b|키우|키워"), "possession"),
    (re.compile(r"\b(?:live|work|soy|vivo)\b|살아"), "background"),
]
CONDITION = re.compile(r"^(\w+): .*(?:\n(?!\w+: ).*)*?\n  Only if (\w+) is (.+?); otherwise", re.M)


def honest_answer(request: dict[str, Any]) -> Any:
    """What the request asks for: attributes, decisions, judgments, scores, a sum, or a text."""
    document = material_in(request)
    if "pairs" in document:
        return {"relations": relations_of(document["pairs"])}
    if "statement" in document:
        return _second_look(document)
    if "conversation" in document:
        return {"attributes": _attributes(document["conversation"])}
    if "notes" in document and "request" in document:
        return {"decisions": _decisions(document)}
    if "items" in document:
        return _judgments(request, document)
    if "person" in document:
        return summary_of(document["person"])
    if "preferences" in document:
        return {"scores": scores_for(document)}
    return sum_in(request) or response_to(request)


def _second_look(document: dict[str, Any]) -> dict[str, Any]:
    """A verifier's verdict on a statement, or what its extractor makes of a fault."""
    if "fault" in document:
        return {"attributes": revisions_of(document)}
    return verdict_on(document)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def _shared(one: str, other: str) -> float:
    words = _words(one)
    return len(words & _words(other)) / len(words) if words else 0.0


# -- Proposing -----------------------------------------------------------------


def _attributes(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        _attribute(turn["position"], sentence.group().strip())
        for turn in turns
        if turn["role"] == "user"
        for sentence in SENTENCE.finditer(turn["content"])
        if ABOUT_ME.search(sentence.group()) and len(sentence.group().split()) > 2
    ]


def _attribute(position: int, quote: str) -> dict[str, Any]:
    kind = next((kind for found, kind in KINDS if found.search(quote.lower())), "preference")
    return {
        "text": f"Says: {quote}"[:300],
        "type": kind,
        "explicitness": "stated",
        "scope": "lasting",
        "turn": position,
        "quote": quote,
        "confidence": 0.9,
    }


def _decisions(document: dict[str, Any]) -> list[dict[str, Any]]:
    request = document["request"]
    return [
        {"id": note["id"], "relevant": _shared(note["text"], request) > 0}
        for note in document["notes"]
    ]


# -- Judging -------------------------------------------------------------------


def _judgments(request: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    schema = request["response_format"]["json_schema"]["schema"]
    entries = schema["properties"]["items"]["properties"]
    instructions = request["messages"][0]["content"]
    facts = {fact["id"]: fact for fact in document["items"]}
    judged = {
        short: _entry(_resolved(schema, shape), facts[short], document, instructions)
        for short, shape in entries.items()
    }
    reasons = schema["properties"].get("reasoning", {}).get("properties", {})
    reasoning = {short: f"{_strength(facts[short], document):.0%} shared." for short in reasons}
    return {"reasoning": reasoning, "items": judged} if reasons else {"items": judged}


def _resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in shape:
        found: dict[str, Any] = schema["$defs"][shape["$ref"].rsplit("/", 1)[-1]]
        return found
    return shape


def _entry(
    shape: dict[str, Any], fact: dict[str, Any], document: dict[str, Any], instructions: str
) -> dict[str, Any]:
    conditions = {key: (on, values) for key, on, values in CONDITION.findall(instructions)}
    entry: dict[str, Any] = {}
    for key, question in shape["properties"].items():
        on, values = conditions.get(key, ("", ""))
        is_asked = not on or f'"{entry.get(on)}"' in values
        entry[key] = _value(question, fact, document) if is_asked else None
    return entry


def _value(shape: dict[str, Any], fact: dict[str, Any], document: dict[str, Any]) -> Any:
    if "properties" in shape:
        return {name: _value(each, fact, document) for name, each in shape["properties"].items()}
    if "enum" in shape:
        values = [value for value in shape["enum"] if value is not None]
        return values[min(int((1 - _strength(fact, document)) * len(values)), len(values) - 1)]
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    if "null" in kinds:
        return None
    if "number" in kinds:
        return shape["minimum"]
    return {"boolean": True, "array": [], "string": "no remark"}[kinds[0]]


def _strength(fact: dict[str, Any], document: dict[str, Any]) -> float:
    """Shared words: of a statement with its context, of the first response against the second."""
    context = json.dumps(document["context"], ensure_ascii=False)
    if "attribute" in fact:
        return _shared(fact["attribute"], context)
    texts = [row["text"] for row in fact.get("responses", [])]
    if len(texts) < 2:
        return 0.5
    return 0.5 + (_shared(context, texts[0]) - _shared(context, texts[1])) / 2
