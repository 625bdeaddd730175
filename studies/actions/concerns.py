"""Reporting a concern, and settling it."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.models import Concern, Participant, User
from studies.rules import check_can_manage, takes_part

LONGEST_CONCERN = 5_000
LONGEST_PATH = 200
MOST_OPEN = 50
"""Concerns of one person that nobody has settled."""


@transaction.atomic
def report_concern(*, participant: Participant, text: str, page: str, key: UUID) -> Concern:
    """Tell those who run the study; only the path of `page` is kept. The same `key` is the same.

    Raises PermissionDenied before consent, ValidationError.
    """
    if not takes_part(participant):
        raise PermissionDenied(_("You have not agreed to take part, or have left the study."))
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise ValidationError(_("Write what happened."))
    if len(text) > LONGEST_CONCERN:
        raise ValidationError(_("Write at most 5,000 characters."))
    if participant.concerns.filter(settled_at__isnull=True).exclude(pk=key).count() >= MOST_OPEN:
        raise ValidationError(_("You reported very much already. Please write to the contact."))
    concern, _is_new = Concern.objects.get_or_create(
        pk=key,
        defaults={
            "study": participant.study,
            "participant": participant,
            "text": text,
            "page": path_of(page),
        },
    )
    if concern.participant_id != participant.pk:
        raise ValidationError(_("This page was used already. Open it again."))
    return concern


def path_of(address: str) -> str:
    """The path of an address on this site: without query, fragment or anything foreign."""
    path = address.split("?")[0].split("#")[0]
    return path[:LONGEST_PATH] if path.startswith("/") and not path.startswith("//") else ""


@transaction.atomic
def settle_concern(*, concern: Concern, by: User) -> Concern:
    """Note that somebody saw to it; a second time changes nothing."""
    check_can_manage(concern.study, by)
    row = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if row.settled_at is None:
        row.settled_at = timezone.now()
        row.settled_by = by.get_username()
        row.save(update_fields=["settled_at", "settled_by"])
    return row
