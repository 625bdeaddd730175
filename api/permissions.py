"""What a token may do, and in which studies; everything else does not exist for it."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from studies.models import ApiToken, Study, User

if TYPE_CHECKING:  # the framework imports this module while it makes its own views
    from rest_framework.views import APIView


class DenyAll(BasePermission):
    """A view that declares no permission is closed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Never."""
        return False


class HasScope(BasePermission):
    """The token's scope includes the one that the view declares for the method."""

    message = "This token's scope does not include this call."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Is there a token, and does it reach far enough?"""
        token = request.auth
        needed = view.scopes.get(request.method or "", ApiToken.Scope.MANAGE)
        return isinstance(token, ApiToken) and token.allows(needed)


def studies_of(request: Request) -> QuerySet[Study]:
    """The studies the call may touch: those of the token's user, or the token's one study."""
    token, user = request.auth, request.user
    if not isinstance(token, ApiToken) or not isinstance(user, User):
        return Study.objects.none()
    studies = Study.objects.visible_to(user)
    return studies.filter(pk=token.study_id) if token.study_id else studies


def managed_studies_of(request: Request) -> QuerySet[Study]:
    """The studies the call may change: its token has the scope, and its user the role."""
    token, user = request.auth, request.user
    if not isinstance(token, ApiToken) or not isinstance(user, User):
        return Study.objects.none()
    if not token.allows(ApiToken.Scope.MANAGE):
        return Study.objects.none()
    studies = Study.objects.managed_by(user)
    return studies.filter(pk=token.study_id) if token.study_id else studies


def acting_user(request: Request) -> User:
    """The token's user; every view here has let in only such."""
    assert isinstance(request.user, User)
    return request.user
