"""What a strategy is: what the generator of a response is given, and with which instructions."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from generation.models import Attribute, Prompt

Given = Callable[[Prompt, UUID | None, str], list[Attribute] | None]
"""(prompt, person it is answered for, name of the model that answers) → the attributes to give.

None means that what the strategy needs is not decided yet, so that there is nothing to ask.
"""


@dataclass(frozen=True)
class Strategy:
    """One way of personalizing a response. `name` is stored with every response."""

    name: str
    prompt_file: str
    given: Given
    needs_person: bool
    """Whether it makes no sense without somebody to answer for."""
