"""Personal links into a study: made, counted when somebody agrees, taken back."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.models import Study, User
from studies.recruitment.models import Invitation
from studies.recruitment.secret import digest_of, new_secret
from studies.rules import check_can_manage

MOST_USES = 10_000
LONGEST_DAYS = 365


@transaction.atomic
def create_invitation(
    *,
    study: Study,
    by: User,
    label: str = "",
    limit: int = 1,
    days: int = 14,
    is_expert: bool = False,
) -> tuple[Invitation, str]:
    """An invitation and its secret, which is not kept anywhere.

    Raises ValidationError, PermissionDenied.
    """
    check_can_manage(study, by)
    if not 1 <= limit <= MOST_USES:
        raise ValidationError(_("An invitation holds for 1 to %s people.") % f"{MOST_USES:,}")
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError(_("An invitation holds for 1 to %s days.") % LONGEST_DAYS)
    secret = new_secret()
    invitation = Invitation.objects.create(
        study=study,
        label=label.strip()[:100],
        digest=digest_of(secret),
        limit=limit,
        is_expert=is_expert,
        created_by=by.get_username(),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return invitation, secret


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Let nobody in by it from now on; who came by it stays."""
    check_can_manage(invitation.study, by)
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def use_invitation(*, study: Study, invitation: UUID) -> Invitation:
    """Count one person more. Raises ValidationError when it holds no longer."""
    found = Invitation.objects.filter(
        study=study, pk=invitation, revoked_at=None, expires_at__gt=timezone.now()
    )
    # One statement checks and counts, so that of two people at once only one gets the last use.
    if not found.filter(uses__lt=F("limit")).update(uses=F("uses") + 1):
        raise ValidationError(_("This invitation does not hold any longer."))
    return Invitation.objects.get(pk=invitation)
