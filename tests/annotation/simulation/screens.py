"""Tasks as the API gives them, without a site."""

from typing import Any

from tests.samples import PREFERENCE


def pair_task(
    item: str = "i1", *, is_swapped: bool = False, text: str = "one two three"
) -> dict[str, Any]:
    """A comparison of two responses."""
    responses = [{"id": f"{item}-a", "text": text}, {"id": f"{item}-b", "text": text}]
    shown = responses[::-1] if is_swapped else responses
    return {
        "context": {"prompt": {"id": "q1", "text": "a request", "before": [], "type": None}},
        "items": [{"id": item, "kind": "responses", "responses": shown}],
        "rubric": PREFERENCE,
    }
