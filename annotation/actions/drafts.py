"""Keeping what a rater filled in, until it is sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation.choices import Role
from annotation.errors import NewerDraft
from annotation.fences import somebody_elses
from annotation.models import Assignment, Draft, Rater
from annotation.querysets import AssignmentQuerySet

MOST_FIELDS = 500
LONGEST_NAME = 200
LONGEST_DRAFT = 200_000
"""Characters of all fields together."""
MEASURED = ("-seconds", "-idle_seconds", "-pasted")
"""How the names of fields end in which a page measures by itself: they change without an answer."""
HELD = (Assignment.State.LEASED, Assignment.State.LAPSED)
"""A place that lapsed may still be answered, so its draft is still kept."""


def draft_of(place: Assignment) -> Draft | None:
    """What its holder kept of a place, if they hold it as they did then.

    One query; none for a place that was read together with its draft.
    """
    if place.rater_id is None:
        return None
    draft: Draft | None = getattr(place, "draft", None)
    is_theirs = draft and (draft.fence, draft.rater_id) == (place.fence, place.rater_id)
    return draft if is_theirs else None


@transaction.atomic
def keep_draft(
    *, assignment_id: UUID, rater: Rater, fence: int, fields: Mapping[str, str], version: int
) -> int:
    """Keep what stands in the page's fields; the new version.

    `version` is the last one that the page knows, 0 for none. Answers that are kept already stay
    under their version, whichever the page knows: it may be sending again what got through.
    Raises NewerDraft with what is kept when another page has written since, NotYours when the
    place is not held any more.
    """
    _check(fields)
    draft = _locked_draft(assignment_id, rater, fence)
    if draft.version and _answers(draft.fields) == _answers(fields):
        return draft.version
    if draft.version != version:
        raise NewerDraft(draft)
    return _write(draft, fields=dict(fields))


@transaction.atomic
def lock_answers(
    *, assignment_id: UUID, rater: Rater, fence: int, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Fix answers before the rest is shown; what was fixed before stays. All that is fixed now."""
    draft = _locked_draft(assignment_id, rater, fence)
    locked = {**answers, **draft.locked}
    _write(draft, fields={}, locked=locked)
    return locked


def drop_draft(*, assignment_id: UUID, rater: Rater) -> None:
    """Keep nothing more of a place that its rater has left. One query."""
    Draft.objects.filter(assignment=assignment_id, rater=rater).delete()


def drop_left_drafts() -> int:
    """Those of places that were given back, taken away or answered elsewhere; the number.

    What an owner fixed waits for them: nobody else is ever given their place.
    """
    held = Q(assignment__state__in=HELD, assignment__fence=F("fence"))
    left = Draft.objects.exclude(held & Q(assignment__rater=F("rater")))
    owners = Q(assignment__role=Role.OWNER, assignment__state=Assignment.State.FREE)
    return left.exclude(owners & ~Q(locked={})).delete()[0]


def with_fixed_answers(places: AssignmentQuerySet) -> AssignmentQuerySet:
    """Those whose holders fixed answers before they saw the rest, which they have seen now."""
    kept = Draft.objects.filter(
        assignment=OuterRef("pk"), rater=OuterRef("rater"), fence=OuterRef("fence")
    )
    return places.filter(Exists(kept.exclude(locked={})))


def keep_what_is_fixed(places: AssignmentQuerySet) -> None:
    """Of what owners filled in who give these places back, only what is not asked twice stays."""
    own = Draft.objects.filter(assignment__in=places.filter(role=Role.OWNER))
    own.update(fields={}, version=F("version") + 1)


def take_up_what_is_fixed(place: Assignment) -> bool:
    """Whether its holder fixed answers when they held it before; then these stand again."""
    fixed = Draft.objects.filter(assignment=place, rater=place.rater_id).exclude(locked={})
    return fixed.update(fence=place.fence) > 0


def _locked_draft(assignment_id: UUID, rater: Rater, fence: int) -> Draft:
    """The place's draft, new with version 0; changes to it wait for each other."""
    places = Assignment.objects.select_for_update().filter(
        pk=assignment_id, rater=rater, fence=fence, state__in=HELD
    )
    place = places.first()
    if place is None:
        raise somebody_elses()
    draft = Draft.objects.filter(assignment=place).first()
    if draft and (draft.fence, draft.rater_id) == (fence, rater.pk):
        return draft
    # Kept by an earlier holder, or under an earlier hold: nobody's any more.
    Draft.objects.filter(assignment=place).delete()
    return Draft(assignment=place, rater=rater, fence=fence, version=0)


def _answers(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if not name.endswith(MEASURED)}


def _write(draft: Draft, **values: Any) -> int:
    for name, value in values.items():
        setattr(draft, name, value)
    draft.version += 1
    draft.saved_at = Now()
    draft.save()
    return draft.version


def _check(fields: Mapping[str, str]) -> None:
    if len(fields) > MOST_FIELDS or any(len(name) > LONGEST_NAME for name in fields):
        raise ValidationError(_("This is too much to be kept as a draft."))
    if sum(len(text) for text in fields.values()) > LONGEST_DRAFT:
        raise ValidationError(_("This is too much to be kept as a draft."))
    if any("\x00" in text for text in (*fields, *fields.values())):
        raise ValidationError(_("A text cannot hold the character NUL."))
