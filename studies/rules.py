"""Who may do what with a study."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from studies.models import ConsentScope, Participant, Study, User


def can_manage(study: Study, user: User) -> bool:
    """May the user change the study, run machines in it and release it?"""
    return Study.objects.managed_by(user).filter(pk=study.pk).exists()


def check_can_manage(study: Study, user: User) -> None:
    """Raise PermissionDenied with a sentence unless `can_manage`."""
    if not can_manage(study, user):
        raise PermissionDenied(f"Only owners and managers of {study} may do this.")


def takes_part(participant: Participant) -> bool:
    """Did they agree to take part, in what the study says now, and have they not left?"""
    allowed = Participant.objects.consented(ConsentScope.TAKE_PART).filter(pk=participant.pk)
    return allowed.exists() and not is_asked_again(participant)


def is_asked_again(participant: Participant) -> bool:
    """Has the consent text changed since they answered it?

    Who agreed elsewhere, or was never asked, answers no text of ours.
    """
    section = participant.study.document.get("consent")
    if participant.basis != Participant.Basis.PLATFORM or not section:
        return False
    agreed = participant.consents.in_force(ConsentScope.TAKE_PART)
    return not agreed.filter(version=str(section.get("version", ""))).exists()


def check_takes_part(participant: Participant) -> None:
    """Raise PermissionDenied with a sentence unless they take part in an open study."""
    if not participant.study.is_open:
        raise PermissionDenied(_("This study is closed. What you sent was not stored."))
    if not takes_part(participant):
        raise PermissionDenied(_("You have not agreed to take part, or have left the study."))
