"""What a token may do, and in which studies; everything else does not exist for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, UUIDField
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from annotation.models import Assignment
from studies.models import MANAGING, ApiToken, Membership, Study, User
from work.statements import Given, Select, SelectValues

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


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a call may go in one study: seen or not, changed or not."""

    is_seen: bool
    is_managed: bool


NOWHERE = Reach(is_seen=False, is_managed=False)
USER = Given("user", IntegerField())
_ROLE = Membership.objects.filter(study=OuterRef("pk"), user=USER).values("role")
STUDY: Select[Study] = Select(
    Study.objects.filter(slug=Given.of(Study, "slug")).annotate(members_role=Subquery(_ROLE))
)
PLACE = SelectValues(
    Assignment.objects.filter(pk=Given("place", UUIDField())).values(
        "study_id",
        holders_basis=F("rater__participant__basis"),
        members_role=Subquery(
            Membership.objects.filter(study=OuterRef("study"), user=USER).values("role")
        ),
    )
)


def reach_in(request: Request, study: UUID, role: str | None) -> Reach:
    """The token's reach in a study in which its user has this role: as `studies_of` has it."""
    token, user = request.auth, request.user
    if not isinstance(token, ApiToken) or not isinstance(user, User):
        return NOWHERE
    if token.study_id not in (None, study):
        return NOWHERE
    is_managed = token.allows(ApiToken.Scope.MANAGE) and (user.is_superuser or role in MANAGING)
    return Reach(is_seen=user.is_superuser or role is not None, is_managed=is_managed)


def acting_user(request: Request) -> User:
    """The token's user; every view here has let in only such."""
    assert isinstance(request.user, User)
    return request.user
