"""Studies: list, create, agreement."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.choices import Stage
from annotation.counting import progress
from annotation.queries import OPTIONS, agreement
from api import shapes
from api.pagination import Pages
from api.parsing import StrictJSONParser, YAMLParser, stage_and_options
from api.permissions import acting_user, studies_of
from api.views.study_view import StudyView
from studies.actions.studies import close_study, load_study, open_study
from studies.models import ApiToken, Study, User


class Studies(StudyView):
    """All studies within the token's reach."""

    parser_classes = [StrictJSONParser, YAMLParser]

    @extend_schema(operation_id="studies_list", responses={200: shapes.StudyShape(many=True)})
    def get(self, request: Request) -> Response:
        """List them, by name."""
        pages = Pages()
        rows = pages.paginate_queryset(studies_of(request).order_by("slug"), request, view=self)
        return pages.get_paginated_response([study_json(study) for study in rows or []])

    @extend_schema(request=dict, responses={201: shapes.StudyShape})
    def post(self, request: Request) -> Response:
        """Make a study from its document (JSON or YAML), or bring it up to the document."""
        user, token = request.user, request.auth
        if not isinstance(user, User) or not isinstance(request.data, dict):
            raise ValidationError("A study document is a mapping.")
        if isinstance(token, ApiToken) and token.study_id:
            self._check_reach(request, str(request.data.get("slug", "")))
        study = load_study(document=request.data, by=user)
        return Response(study_json(study), status=201)

    def _check_reach(self, request: Request, slug: str) -> None:
        """A token of one study can't make another."""
        if not studies_of(request).filter(slug=slug).exists():
            raise PermissionDenied("This token is for one study and cannot make another.")


class StudyDetail(StudyView):
    """One study."""

    @extend_schema(operation_id="studies_read", responses={200: shapes.StudyShape})
    def get(self, request: Request, slug: str) -> Response:
        """What it is, and how far it has come."""
        study = self.study(request, slug)
        return Response({**study_json(study), "progress": progress(study)})


class CloseStudy(StudyView):
    """Nothing more is asked of anyone."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": ApiToken.Scope.MANAGE}

    @extend_schema(operation_id="studies_close", request=None, responses={200: shapes.StudyShape})
    def post(self, request: Request, slug: str) -> Response:
        """Close it; what was answered stays. Closing it again changes nothing."""
        study = self.managed_study(request, slug)
        close_study(study=study, by=acting_user(request))
        return Response(study_json(study))


class OpenStudy(StudyView):
    """People may enter and judge again."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": ApiToken.Scope.MANAGE}

    @extend_schema(operation_id="studies_open", request=None, responses={200: shapes.StudyShape})
    def post(self, request: Request, slug: str) -> Response:
        """Open a closed study."""
        study = self.managed_study(request, slug)
        open_study(study=study, by=acting_user(request))
        return Response(study_json(study))


class Agreement(StudyView):
    """How far raters agree."""

    @extend_schema(
        parameters=[
            OpenApiParameter("stage", required=True, enum=Stage.values),
            *[OpenApiParameter(name, required=False) for name in OPTIONS],
        ],
        responses={200: dict},
    )
    def get(self, request: Request, slug: str) -> Response:
        """The figures of `manage.py agreement`."""
        study = self.study(request, slug)
        stage, chosen = stage_and_options(request.query_params, OPTIONS)
        return Response(agreement(study=study, stage=stage, **chosen))


def study_json(study: Study) -> dict[str, Any]:
    """A study for programs."""
    return {
        "slug": study.slug,
        "title": study.title(),
        "state": study.state,
        "languages": study.languages,
        "stages": list(study.document.get("stages") or {}),
    }
