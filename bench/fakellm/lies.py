"""Answers that look right and are not: about other ids than were asked for, or with made-up quotes.

Each is the honest answer with one thing changed, so it fits the question that was asked.
"""

import itertools
from collections.abc import Callable
from typing import Any

from bench.fakellm.honest import honest_answer

Asked = dict[str, Any]
MADE_UP = "what nobody ever said"

_scores = itertools.cycle([4, 2, 5])


def _of_decisions(change: Callable[[list[Any]], list[Any]]) -> Callable[[Asked], Any]:
    def answer(asked: Asked) -> Any:
        honest = honest_answer(asked)
        if isinstance(honest, dict) and "decisions" in honest:
            return {**honest, "decisions": change(honest["decisions"])}
        return honest

    return answer


unknown_ids = _of_decisions(lambda rows: [{**rows[0], "id": "a999"}, *rows[1:]])
duplicated_ids = _of_decisions(lambda rows: [*rows, rows[0]])
missing_ids = _of_decisions(lambda rows: rows[1:])


def absent_quotes(asked: Asked) -> Any:
    """The honest attributes, each with a quote that stands nowhere."""
    honest = honest_answer(asked)
    if not isinstance(honest, dict) or "attributes" not in honest:
        return honest
    return {"attributes": [{**row, "quote": MADE_UP} for row in honest["attributes"]]}


def another_every_time(_asked: Asked) -> Any:
    """A valid score, and another one whenever the same is asked again."""
    return {"score": next(_scores)}
