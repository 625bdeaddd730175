"""Turns of past conversations as a model is given them, and how much of them fits."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from collection.models import Turn
from llm.ledger import CHARACTERS_PER_TOKEN


def transcript(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """One entry per conversation, in the order given; no names of rows."""
    return [
        {"conversation": number, "turns": [_said(turn) for turn in group]}
        for number, (_, group) in enumerate(groupby(turns, lambda turn: turn.conversation_id), 1)
    ]


def _said(turn: Turn) -> dict[str, str]:
    return {"role": turn.role, "content": turn.content}


def that_fit(conversations: Iterable[Sequence[Turn]], tokens: int) -> list[Turn]:
    """Whole turns up to a budget, estimated at four characters a token as in the ledger.

    Of the first conversation that does not fit its end is taken, and nothing beyond it. Within a
    conversation turns keep their order.
    """
    taken: list[Turn] = []
    left = tokens * CHARACTERS_PER_TOKEN
    for turns in conversations:
        end = _end_that_fits(turns, left)
        taken += end
        left -= sum(len(turn.content) for turn in end)
        if len(end) < len(turns):
            break
    return taken


def _end_that_fits(turns: Sequence[Turn], characters: int) -> list[Turn]:
    fitting: list[Turn] = []
    for turn in reversed(turns):
        characters -= len(turn.content)
        if characters < 0:
            break
        fitting.append(turn)
    return fitting[::-1]
