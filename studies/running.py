"""Who runs studies, and so has to be careful with what others gave."""

from studies.models import MANAGING, User


def runs_studies(user: User) -> bool:
    """Are they staff, or owner or manager of a study?"""
    if user.is_staff or user.is_superuser:
        return True
    return user.memberships.filter(role__in=MANAGING).exists()
