"""Refusals that a page or a program treats differently from a mere wrong answer."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from annotation.models import Draft


class StaleFence(Exception):
    """The place was given out again since; this answer comes from an earlier holder."""


class TakenBack(StaleFence):
    """The person whom the task is about does not share it any more."""


class AlreadySubmitted(Exception):
    """The place's judgments are stored; this is another submission."""


class NotYours(PermissionDenied):
    """The rater does not hold this place."""


class StudyClosed(PermissionDenied):
    """The study asks nothing more."""


class NewerDraft(Exception):
    """Another page of the rater kept something since; `draft` is what."""

    def __init__(self, draft: "Draft") -> None:
        super().__init__(str(draft))
        self.draft = draft


class ChangedMeanwhile(Exception):
    """The answers that somebody changes are not the latest any more."""
