"""Who spoke, in words addressed to the owner; what is hidden beside a turn."""

from collections.abc import Iterable

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from web.review_page import ShownTurn

register = template.Library()

SPEAKERS: dict[str, Promise] = {
    "user": _("You"),
    "assistant": _("Assistant"),
    "system": _("Instructions"),
    "tool": _("Tool"),
}


@register.filter
def said_by(role: str) -> Promise | str:
    """The speaker of one's own conversation."""
    return SPEAKERS.get(role, role)


@register.filter
def any_to_see(turns: Iterable[ShownTurn]) -> bool:
    """Is something hidden in one of them, or was just done to it, so that they should be read?"""
    return any(turn.hidden or turn.note for turn in turns)
