"""The warning before a task that its study marks as possibly distressing: once per place held."""

from django.contrib.sessions.backends.base import SessionBase

from annotation.distress import is_distressing
from annotation.models import Assignment
from studies.care import help_of, warning_of

CHOSEN = "chosen_to_see"
"""In the session: the places whose content the rater chose to see."""
MOST_PLACES = 50
"""Of one session; the oldest are dropped, and would be warned of again."""


def warning_before(session: SessionBase, place: Assignment, language: str) -> dict[str, str] | None:
    """What to say before the place is shown; None where nothing is to be said any more."""
    if not is_distressing(place) or _name(place) in session.get(CHOSEN, []):
        return None
    return {"text": warning_of(place.study, language), "help": help_of(place.study, language)}


def choose_to_see(session: SessionBase, place: Assignment) -> None:
    """The rater was warned and wants to see it."""
    chosen = [*session.get(CHOSEN, []), _name(place)]
    session[CHOSEN] = list(dict.fromkeys(chosen))[-MOST_PLACES:]


def _name(place: Assignment) -> str:
    return f"{place.pk}:{place.fence}"
