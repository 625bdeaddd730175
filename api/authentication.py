"""Who is calling: a bearer token, kept as a digest."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.request import Request

from studies.models import ApiToken, User


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer TOKEN`; `Token TOKEN` is understood too."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's user and the token, or None when there is no token."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if header.startswith("Token "):
            request.META["HTTP_AUTHORIZATION"] = "Bearer" + header.removeprefix("Token")
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        return found


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = "api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token in the Authorization header."""
        return {"type": "http", "scheme": "bearer"}
