"""Why an answer is refused whose number is not the one its place was given out under last."""

from django.utils.translation import gettext as _

from annotation.errors import NotYours, StaleFence
from annotation.models import Assignment, Rater

State = Assignment.State


def check_fence(place: Assignment, fence: int) -> None:
    """Raise StaleFence, with a sentence for whoever sent it, unless it is the place's own fence."""
    if not 1 <= fence <= place.fence:
        raise StaleFence(_("This task was never given out under that number; nothing was stored."))
    if place.state == State.FREE:
        raise StaleFence(_nobody_has_it())
    if fence != place.fence:
        raise StaleFence(_("This task was given out again; your answer came too late."))


def check_is_theirs(place: Assignment, rater: Rater) -> None:
    """Raise NotYours, with a sentence for the rater, unless they hold or held the place last."""
    if place.rater_id == rater.pk:
        return
    if place.state == State.FREE and place.study_id == rater.study_id:
        raise NotYours(_nobody_has_it())
    raise somebody_elses()


def somebody_elses() -> NotYours:
    """The refusal of what is another's, or not there at all: which of them is not told."""
    return NotYours(_("This task is not yours, or its time ran out and somebody else has it."))


def _nobody_has_it() -> str:
    return _("This task was given back or its time ran out, and nobody has it now.")
