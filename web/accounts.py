"""Who has to sign in how, and what the pages about accounts may offer."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from studies.models import User
from studies.running import runs_studies

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor; recovery codes only replace one that was lost."""


def offered(request: HttpRequest) -> dict[str, bool]:
    """For every template: what this site can do about accounts, and asks of them."""
    return {
        "has_mail": settings.HAS_MAIL,
        "open_signup": settings.OPEN_SIGNUP,
        "requires_mfa": settings.REQUIRE_MFA,
    }


def needs_second_factor(user: User) -> bool:
    """Must this person have one, on this site?"""
    return bool(settings.REQUIRE_MFA) and runs_studies(user)


def has_second_factor(user: User) -> bool:
    """Have they set one up?"""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def used_second_factor(request: HttpRequest, user: User) -> bool:
    """Was it asked for in this very session? Costs no query."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" for record in records)
