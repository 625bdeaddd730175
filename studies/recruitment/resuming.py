"""The signed link by which a participant without an account comes back on another device."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, SignatureExpired, dumps, loads
from django.utils.translation import gettext as _

from studies.models import Participant, Study

SALT = "studies.resume"
LIFETIME = 30 * 24 * 3600
"""Seconds."""


def token_for(participant: Participant) -> str:
    """The link's last part; a secret, good until a new one is asked for or 30 days are over."""
    return dumps([participant.pk.hex, participant.link_number], salt=SALT)


def participant_behind(study: Study, token: str) -> Participant | None:
    """Whom a token was made for; None if nobody made it.

    Raises ValidationError with a sentence when it holds no longer.
    """
    try:
        key, number = loads(token, salt=SALT, max_age=LIFETIME)
    except SignatureExpired:
        raise ValidationError(_("This link is older than 30 days.")) from None
    except BadSignature:
        return None
    participant = Participant.objects.filter(study=study, pk=UUID(key)).first()
    if participant and (participant.link_number != number or participant.left_at):
        raise ValidationError(_("This link was replaced by a newer one."))
    return participant
