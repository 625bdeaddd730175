"""Fingerprints of what raters are shown: the content, and its presentation."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from annotation.models import Item
from collection.models import Turn
from generation.models import Attribute, Evidence, Prompt, Response


def sha256_of(value: Any) -> str:
    """SHA-256 (hex) of a JSON value's canonical form: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def turns_content(turns: Sequence[Turn]) -> list[list[str]]:
    """What was said, as `[[role, content], …]`."""
    return [[turn.role, turn.content] for turn in turns]


def attribute_content(attribute: Attribute, evidence: Sequence[Evidence]) -> dict[str, Any]:
    """The statement and where it was said (position of the turn, span)."""
    spans = [
        [row.turn.position, row.turn.edition, row.start, row.end] for row in evidence if row.turn
    ]
    return {"attribute": attribute.text, "evidence": sorted(spans)}


def extraction_digest(
    *, turns: Sequence[Turn], attribute: Attribute | None, evidence: Sequence[Evidence]
) -> str:
    """Of an attribute in the light of its conversation, or of a conversation alone."""
    about = attribute_content(attribute, evidence) if attribute else {}
    return sha256_of({"stage": "extraction", "turns": turns_content(turns), **about})


def relevance_digest(*, prompt: Prompt, attribute: Attribute) -> str:
    """Of an attribute for a prompt."""
    return relevance_digest_of(prompt.before, prompt.text, attribute.text)


def relevance_digest_of(before: Any, prompt: str, attribute: str) -> str:
    """The same from the bare texts, for very many."""
    content = prompt_content(before, prompt)
    return sha256_of({"stage": "relevance", **content, "attribute": attribute})


def response_digest(*, prompt: Prompt, first: Response, second: Response | None) -> str:
    """Of one response or of two in the item's own order."""
    texts = [first.text] if second is None else [first.text, second.text]
    return response_digest_of(prompt.before, prompt.text, texts)


def response_digest_of(before: Any, prompt: str, responses: Sequence[str]) -> str:
    """The same from the bare texts, for very many."""
    content = prompt_content(before, prompt)
    return sha256_of({"stage": "response", **content, "responses": list(responses)})


def prompt_content(before: Any, prompt: str) -> dict[str, Any]:
    """The request with the turns before it."""
    return {"before": before, "prompt": prompt}


def presentation_digest(
    *,
    items: Sequence[Item],
    rubric_version: int,
    role: str,
    arm: str,
    language: str,
    is_swapped: bool,
) -> str:
    """Of what one screen showed: contents in the order shown, wording, arm, side."""
    return sha256_of(
        {
            "contents": [item.content_digest for item in items],
            "rubric_version": rubric_version,
            "role": role,
            "arm": arm,
            "language": language,
            "swapped": is_swapped,
        }
    )
