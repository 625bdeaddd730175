"""Who may judge, and in which role."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from annotation.choices import Role
from annotation.errors import StudyClosed, TakenBack
from annotation.models import Rater
from studies.models import Study


def check_may_judge(study: Study, rater: Rater, role: str, *, takes_part: bool) -> None:
    """Raise, with a sentence for the rater, unless they may judge in this study in this role."""
    if not study.is_open:
        raise StudyClosed(_("This study is closed. Thank you for your interest."))
    if rater.study_id != study.id or rater.participant_id is None:
        raise PermissionDenied(_("Only participants of this study can judge in it."))
    if role == Role.LLM:
        raise PermissionDenied(_("Models judge by runs, not by taking places."))
    if role == Role.EXPERT and not (rater.participant and rater.participant.is_expert):
        raise PermissionDenied(_("Only raters named as experts judge in this role."))
    if not takes_part:
        raise PermissionDenied(_("You have not agreed to take part, or have withdrawn."))


def check_is_shared(*, is_shared: bool) -> None:
    """Raise unless the person whom the place is about still shows it to its rater's role."""
    if not is_shared:
        raise TakenBack(
            _("The person this was about does not share it any more, so nothing was stored.")
        )
