"""What machines propose, and what people wrote beside it: attributes, prompts, responses."""

from generation.models.attributes import (
    Attribute,
    AttributeLink,
    AttributeQuerySet,
    Evidence,
    Verification,
)
from generation.models.prompts import (
    GivenAttribute,
    GivenTurn,
    Profile,
    Prompt,
    Response,
    ResponseQuerySet,
    Selection,
)

__all__ = [
    "Attribute",
    "AttributeLink",
    "AttributeQuerySet",
    "Evidence",
    "GivenAttribute",
    "GivenTurn",
    "Profile",
    "Prompt",
    "Response",
    "ResponseQuerySet",
    "Selection",
    "Verification",
]
