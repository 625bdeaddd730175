"""What else is known about a person, for judges of the arm "profile"."""

from typing import Any

from annotation.screens import Screen
from generation.models import Attribute
from generation.owning import OWNER

MOST_ATTRIBUTES = 50


def profile_of(screen: Screen) -> dict[str, Any] | None:
    """The survey's answers and what the person wrote about themselves; None where it is nobody.

    What the screen itself asks about is left out: it would answer the question.
    """
    person = screen.task.subject
    if person is None:
        return None
    shown = [item.attribute.pk for item in screen.items if item.attribute]
    written = Attribute.objects.remembered().filter(participant=person, author=OWNER)
    own = written.exclude(pk__in=shown)
    texts = own.order_by("ref").values_list("text", flat=True)[:MOST_ATTRIBUTES]
    return {"traits": person.traits, "attributes": list(texts)}
