"""Refusals that a page or a program treats differently from a mere wrong answer."""

from django.core.exceptions import PermissionDenied


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
