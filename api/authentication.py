"""Who is calling: a bearer token, kept as a digest."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from studies.models import ApiToken, User
from work.statements import Given, Select

IN_FORCE: Select[ApiToken] = Select(
    ApiToken.objects.select_related("user").filter(
        Q(expiry__isnull=True) | Q(expiry__gt=Now()), digest=Given.of(ApiToken, "digest")
    )
)
WORDS = ("bearer", "token")


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer TOKEN`; `Token TOKEN` is understood too."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's user and the token, or None when there is no token."""
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if word.lower() not in WORDS:
            return None
        if not token or " " in token or not token.isascii():
            raise AuthenticationFailed("The token after “Bearer” cannot be read.")
        return self.authenticate_credentials(token.encode())

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """The bearer of a token in force; one query, by the token's digest."""
        found = next(iter(IN_FORCE(digest=hash_token(token.decode()))), None)
        if found is None or not found.user.is_active:
            raise AuthenticationFailed("This token is not known, or has expired.")
        return found.user, found


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = "api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token in the Authorization header."""
        return {"type": "http", "scheme": "bearer"}
