"""Changing answers that are stored: the next revision, once."""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from annotation.actions.assignments import locked_place
from annotation.actions.judgments import Entry, revise_assignment
from annotation.earlier import is_final, revision_of, said_in, says_the_same, shown_answers
from annotation.errors import ChangedMeanwhile, NotYours
from annotation.models import Assignment, Judgment, Rater
from annotation.rules import check_is_shared
from annotation.screens import Screen, screen_of


@transaction.atomic
def change_answers(
    *,
    assignment_id: UUID,
    rater: Rater,
    entries: Sequence[Entry],
    known: int,
    device: str = "",
    language: str = "",
) -> list[Judgment]:
    """Answer a finished place again, knowing its revision `known`; what is new, if anything.

    The same answers again add nothing, so that a page sent twice is stored once. Raises
    ChangedMeanwhile where another page changed them since, ValidationError where an answer that
    was fixed before the rest was shown is another one, and what `revise_assignment` raises.
    """
    place = locked_place(assignment_id=assignment_id, rater=rater)
    said = said_in(place)
    if is_final(place):
        raise NotYours(_("This task stays as you answered it."))
    if place.state == Assignment.State.DONE:
        screen = screen_of(place, has_context=False)
        if says_the_same(screen, said, entries):
            return []
        check_is_shared(is_shared=place.is_shared)  # type: ignore[attr-defined]
        _check_locked(screen, place, entries)
        if revision_of(said) != known:
            raise ChangedMeanwhile(_("You changed these answers on another page since."))
    return revise_assignment(
        assignment_id=assignment_id,
        rater=rater,
        entries=entries,
        device=device,
        language=language,
    )


def _check_locked(screen: Screen, place: Assignment, entries: Sequence[Entry]) -> None:
    said = said_in(place)
    given = {entry.item: entry.answers or {} for entry in entries}
    for item in screen.items:
        if item.ref not in said or item.ref not in given or len(item.rubric.steps) < 2:
            continue
        before = shown_answers(item, said[item.ref])
        fixed = [key for key in item.rubric.steps[0] if key in before]
        if any(given[item.ref].get(key) != before[key] for key in fixed):
            raise ValidationError({item.ref: [_("Your first choice is fixed.")]})
