"""Who may do what with a study."""

from django.core.exceptions import PermissionDenied

from studies.models import Study, User


def can_manage(study: Study, user: User) -> bool:
    """May the user change the study, run machines in it and release it?"""
    return Study.objects.managed_by(user).filter(pk=study.pk).exists()


def check_can_manage(study: Study, user: User) -> None:
    """Raise PermissionDenied with a sentence unless `can_manage`."""
    if not can_manage(study, user):
        raise PermissionDenied(f"Only owners and managers of {study} may do this.")
