"""Who may let data leave."""

from django.core.exceptions import PermissionDenied

from studies.models import Membership, Study, User

MAY_RELEASE = (Membership.Role.OWNER, Membership.Role.MANAGER)


def check_can_release(user: User, study: Study) -> None:
    """Raises PermissionDenied unless the user runs the study."""
    if not can_release(user, study):
        raise PermissionDenied("Only an owner or a manager of the study can release its data.")


def can_release(user: User, study: Study) -> bool:
    """Does the user run the study?"""
    memberships = study.memberships.filter(user=user, role__in=MAY_RELEASE)
    return user.is_superuser or memberships.exists()
