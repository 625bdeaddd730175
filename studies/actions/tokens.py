"""What lets programs and operators in."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from studies.models import ApiToken, Study, User

TOKEN_LIFETIME = timedelta(days=90)


@transaction.atomic
def create_token(
    *,
    user: User,
    study: Study | None,
    scope: str,
    name: str = "",
    lifetime: timedelta = TOKEN_LIFETIME,
) -> str:
    """A new API token of the user for the study; this clear text is not kept anywhere."""
    if scope not in ApiToken.Scope.values:
        raise ValidationError(f"A token's scope is one of {', '.join(ApiToken.Scope.values)}.")
    if study and not Study.objects.visible_to(user).filter(pk=study.pk).exists():
        raise PermissionDenied(f"{user} has no role in the study {study}.")
    # Knox returns the row and the clear text, and wants a span of time for `expiry`.
    made: Any = ApiToken.objects.create(
        user=user,
        study=study,
        scope=scope,
        name=name,
        expiry=lifetime,  # type: ignore[misc]
    )
    return str(made[1])


@transaction.atomic
def ensure_administrator(*, username: str, password: str) -> User:
    """The superuser of that name, with that password from now on."""
    user = User.objects.filter(username=username).first() or User(username=username)
    user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()
    return user
