"""How a participant's way through a study ends, and the link by which they come back to it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from studies.models import Participant
from studies.parts import next_part, parts_of


@transaction.atomic
def finish_study(*, participant: Participant) -> None:
    """Store that they did all that was asked; an outcome reached before stays.

    Raises ValidationError while something of it remains.
    """
    if participant.outcome != Participant.Outcome.UNDER_WAY:
        return
    parts = parts_of(participant)
    if not parts or next_part(parts):
        raise ValidationError(_("Something remains to be done."))
    _end(participant, Participant.Outcome.DONE)


def _end(participant: Participant, outcome: str) -> None:
    under_way = Participant.objects.filter(pk=participant.pk, outcome=Participant.Outcome.UNDER_WAY)
    under_way.update(outcome=outcome)
    participant.refresh_from_db(fields=["outcome"])


@transaction.atomic
def renew_link(*, participant: Participant) -> None:
    """End every link back that was shown so far."""
    Participant.objects.filter(pk=participant.pk).update(link_number=F("link_number") + 1)
    participant.refresh_from_db(fields=["link_number"])
