"""Finding an invitation by its secret, and why one holds no longer."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.models import Study
from studies.recruitment.models import Invitation
from studies.recruitment.secret import digest_of


def invitation_of(study: Study, secret: str) -> Invitation | None:
    """The study's invitation with this secret."""
    return Invitation.objects.filter(study=study, digest=digest_of(secret)).first()


def why_not(invitation: Invitation) -> str:
    """A sentence for whoever opens one that holds no longer; empty while it holds."""
    if invitation.revoked_at:
        return _("This invitation was taken back. Please ask whoever sent it.")
    if invitation.expires_at <= timezone.now():
        return _("This invitation has expired. Please ask whoever sent it for another.")
    if invitation.uses >= invitation.limit:
        return _(
            "This invitation has been used. If it was you, come back with the same browser, or"
            " with the link that was shown to you."
        )
    return ""


def invitations_of(study: Study) -> QuerySet[Invitation]:
    """All of a study, the newest first."""
    return Invitation.objects.filter(study=study)
