"""What people allow, and take back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from studies.models import Consent, ConsentScope, Participant


@transaction.atomic
def give_consent(*, participant: Participant, scopes: Iterable[str]) -> list[Consent]:
    """Store a person's yes to these scopes of the study's present consent text, with the time.

    A yes in force stays as it is; one that was withdrawn stays too, and a new one is added.
    """
    section = participant.study.document.get("consent") or {}
    given = set(scopes)
    _check_scopes(given, section)
    return [
        Consent.objects.get_or_create(
            participant=participant,
            scope=scope,
            version=str(section.get("version", "")),
            withdrawn_at=None,
            defaults={"given_at": timezone.now()},
        )[0]
        for scope in sorted(given)
    ]


def _check_scopes(given: set[str], section: Mapping[str, Any]) -> None:
    unknown = given - set(section.get("scopes", ConsentScope.values))
    if unknown:
        raise ValidationError(f"This study does not ask for: {', '.join(sorted(unknown))}.")
    missing = set(section.get("required", [ConsentScope.TAKE_PART])) - given
    if missing:
        raise ValidationError("You can only take part if you agree to what is marked as required.")


@transaction.atomic
def withdraw_consent(*, participant: Participant, scope: str) -> int:
    """Take back a yes from now on; the row stays, with its date. The number of rows taken back."""
    return Consent.objects.filter(
        participant=participant, scope=scope, withdrawn_at__isnull=True
    ).update(withdrawn_at=timezone.now())
