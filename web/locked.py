"""Answers that are fixed before the rest of a task is shown, kept in the rater's session."""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from annotation.models import Assignment
from web.task_page import Card

LOCKED = "locked"
MOST_TASKS = 50
"""Of one session; the oldest are dropped, and would be asked again."""


def locked_of(session: SessionBase, assignment: Assignment) -> dict[str, Any]:
    """What is fixed of the place as it is held now."""
    found: dict[str, Any] = session.get(LOCKED, {}).get(_name(assignment), {})
    return found


def lock(session: SessionBase, assignment: Assignment, cards: list[Card]) -> None:
    """Fix these answers; what was fixed before stays as it is."""
    kept = dict(session.get(LOCKED, {}))
    before = kept.pop(_name(assignment), {})
    fresh = {
        card.shown.ref: {
            "answers": card.form.answers(),
            "seconds": card.aside.cleaned_data["seconds"],
        }
        for card in cards
    }
    kept[_name(assignment)] = {**fresh, **before}
    session[LOCKED] = dict(list(kept.items())[-MOST_TASKS:])


def forget(session: SessionBase, assignment: Assignment) -> None:
    """The place is finished."""
    kept = dict(session.get(LOCKED, {}))
    if kept.pop(_name(assignment), None) is not None:
        session[LOCKED] = kept


def _name(assignment: Assignment) -> str:
    return f"{assignment.pk}:{assignment.fence}"
