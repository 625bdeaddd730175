"""What we decide about accounts where allauth leaves the choice."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from web.accounts import FACTORS, needs_second_factor
from web.participants import signed_in


class Accounts(DefaultAccountAdapter):
    """Accounts are made by those who run the site, unless it says that anybody may."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only where OPEN_SIGNUP says so; participants need no account."""
        return bool(settings.OPEN_SIGNUP)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """A page that also clears drafts from the browser."""
        return "/?signed_out=1"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Researchers come to their studies; everybody else to the first page."""
        user = signed_in(request)
        if user and (user.is_superuser or user.memberships.exists()):
            return reverse("studies")
        return str(super().get_login_redirect_url(request))

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page that follows shows what happened."""


class SecondFactors(DefaultMFAAdapter):
    """Second factors, whose secrets are encrypted where they are kept."""

    def encrypt(self, text: str) -> str:
        """Unreadable without the site's SECRET_KEY."""
        return _ring().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """With today's key, or one of SECRET_KEY_FALLBACKS."""
        return _ring().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who needs one."""
        if authenticator.type not in FACTORS or not needs_second_factor(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())


def _ring() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    drawn = [salted_hmac("second-factor", "", secret=key, algorithm="sha256") for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one.digest())) for one in drawn])
