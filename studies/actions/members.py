"""What changes who runs a study."""

from django.db import transaction

from studies.models import Membership, Study, User
from studies.rules import check_can_manage


@transaction.atomic
def add_member(*, study: Study, user: User, role: str, by: User | None) -> Membership:
    """Give a user a role in running the study, or another one than before."""
    if by:
        check_can_manage(study, by)
    membership, _ = Membership.objects.update_or_create(
        study=study, user=user, defaults={"role": role}
    )
    return membership
