"""What people allow, and take back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.models import Consent, ConsentScope, Participant


@transaction.atomic
def give_consent(
    *, participant: Participant, scopes: Iterable[str], version: str | None = None
) -> list[Consent]:
    """Store a person's yes to these scopes of the study's present consent text, with the time.

    A yes in force stays as it is; one that was withdrawn stays too, and a new one is added. What
    they allowed under another version of the text and do not allow now ends. Raises
    ValidationError, also when `version` is what they read and not the text's present one.
    """
    section = participant.study.document.get("consent") or {}
    present, given = str(section.get("version", "")), set(scopes)
    if version is not None and version != present:
        raise ValidationError(
            _("What you agree to has changed meanwhile. Nothing was stored: please read it again.")
        )
    _check_scopes(given, section)
    _end_unrepeated(participant, present, given)
    return [
        Consent.objects.get_or_create(
            participant=participant,
            scope=scope,
            version=present,
            withdrawn_at=None,
            defaults={"given_at": timezone.now()},
        )[0]
        for scope in sorted(given)
    ]


def _end_unrepeated(participant: Participant, present: str, given: set[str]) -> None:
    earlier = Consent.objects.filter(participant=participant, withdrawn_at=None)
    unrepeated = earlier.exclude(version=present).exclude(scope__in=given)
    unrepeated.update(withdrawn_at=timezone.now())


def _check_scopes(given: set[str], section: Mapping[str, Any]) -> None:
    unknown = given - set(section.get("scopes", ConsentScope.values))
    if unknown:
        raise ValidationError(_("This study does not ask for: %s.") % ", ".join(sorted(unknown)))
    missing = set(section.get("required", [ConsentScope.TAKE_PART])) - given
    if missing:
        raise ValidationError(
            _("You can only take part if you agree to what is marked as required.")
        )


@transaction.atomic
def withdraw_consent(*, participant: Participant, scope: str) -> int:
    """Take back a yes from now on; the row stays, with its date. The number of rows taken back."""
    return Consent.objects.filter(
        participant=participant, scope=scope, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())
