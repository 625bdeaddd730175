"""Which models and instructions a conversation gets: drawn by weight from a seed that is kept."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from collection.converse.document import ConverseSection

SEEDS = 2**62


@dataclass(frozen=True)
class Drawn:
    """What a conversation is held with."""

    seed: int
    endpoints: list[str]
    """One name per reply that is shown side by side; an empty name is the study's first."""
    system_prompt: str
    """A key, or nothing."""


def new_seed() -> int:
    """A seed that nobody can guess."""
    return random.SystemRandom().randrange(SEEDS)


def drawn(section: ConverseSection, seed: int) -> Drawn:
    """The models, none twice as long as there are enough, and the system prompt of a seed."""
    draw = random.Random(seed)
    names = [model.endpoint for model in section.models] or [""]
    weights = [float(model.weight) for model in section.models] or [1.0]
    endpoints: list[str] = []
    while len(endpoints) < section.replies:
        endpoints += _without_return(draw, names, weights)
    prompts = section.system_prompts
    chosen = draw.choices(prompts, [prompt.weight for prompt in prompts])[0] if prompts else None
    return Drawn(seed, endpoints[: section.replies], chosen.key if chosen else "")


def _without_return(
    draw: random.Random, names: Sequence[str], weights: Sequence[float]
) -> list[str]:
    """All names in an order in which the weightier ones tend to come first."""
    left, found = dict(zip(names, weights, strict=True)), []
    while left:
        name = draw.choices(list(left), list(left.values()))[0]
        found.append(name)
        del left[name]
    return found
