"""The generic strategy: the prompt alone, with nothing known about the person."""

from uuid import UUID

from generation.models import Attribute, Prompt
from generation.strategies.strategy import Strategy


def nothing(prompt: Prompt, participant: UUID | None, model: str) -> list[Attribute]:
    """No attribute, whoever asks."""
    return []


GENERIC = Strategy("generic", "response-generic", nothing, needs_person=False)
