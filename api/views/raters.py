"""Raters: the signals about them, and leaving them out of the figures."""

from collections.abc import Mapping
from typing import ClassVar, get_args

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.exclusions import LONGEST_REASON, end_exclusion, exclude_rater
from annotation.actions.replacing import ask_others
from annotation.exclusions import exclusion_document
from annotation.given_answers import WITHOUT_EXCLUDED
from annotation.given_answers import Raters as Counted
from annotation.models import Rater
from api import shapes
from api.parsing import check_keys, text_in
from api.permissions import acting_user
from api.views.study_view import StudyView
from studies.models import ApiToken

REASON_KEYS = frozenset({"reason"})
COUNTED = OpenApiParameter(
    "raters",
    enum=get_args(Counted),
    default=WITHOUT_EXCLUDED,
    description="Who others are held to.",
)


def counted_in(request: Request) -> str:
    """Whose answers others are compared with, as the address says it."""
    return request.query_params.get("raters", WITHOUT_EXCLUDED)


class Raters(StudyView):
    """Everybody who judges, the most suspicious first."""

    @extend_schema(operation_id="raters_list", parameters=[COUNTED], responses={200: dict})
    def get(self, request: Request, slug: str) -> Response:
        """What is measured of each, which of it is a flag, and how far each is to be trusted."""
        # Needs numpy, which most processes never do.
        from annotation.quality.document import raters_document

        return Response(raters_document(self.study(request, slug), counted_in(request)))


class Labels(StudyView):
    """What models of raters make of the answers."""

    @extend_schema(
        operation_id="labels_list",
        parameters=[COUNTED, OpenApiParameter("question", description="Stage/key; else all.")],
        responses={200: shapes.LabelShape(many=True)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """How probable each answer is for each item, and how hard the item is."""
        from annotation.quality.labels import labels_document

        asked = request.query_params.get("question", "")
        return Response(labels_document(self.study(request, slug), asked, counted_in(request)))


class RaterDetail(StudyView):
    """One rater."""

    @extend_schema(operation_id="raters_read", parameters=[COUNTED], responses={200: dict})
    def get(self, request: Request, slug: str, rater: str) -> Response:
        """Every signal with the judgments behind it, and when they were left out of figures."""
        from annotation.quality.document import rater_document

        study = self.study(request, slug)
        try:
            return Response(rater_document(study, rater, counted_in(request)))
        except Rater.DoesNotExist as missing:
            raise Http404 from missing


class RaterView(StudyView):
    """Of one rater of a study that the token may change."""

    def rater(self, request: Request, slug: str, ref: str) -> Rater:
        """404 for those of any other study."""
        raters = Rater.objects.select_related("study")
        return get_object_or_404(raters, study=self.managed_study(request, slug), ref=ref)


class RaterExclusion(RaterView):
    """Whether a rater's judgments count in the figures; no judgment is deleted."""

    scopes: ClassVar[Mapping[str, str]] = {
        "POST": ApiToken.Scope.MANAGE,
        "DELETE": ApiToken.Scope.MANAGE,
    }

    @extend_schema(
        operation_id="raters_exclude",
        request=shapes.ExclusionBody,
        responses={201: shapes.ExclusionShape},
    )
    def post(self, request: Request, slug: str, rater: str) -> Response:
        """Leave them out from now on, with a reason; 422 where they are left out already."""
        row = self.rater(request, slug, rater)
        check_keys(request.data, REASON_KEYS)
        reason = text_in(request.data, "reason", longest=LONGEST_REASON)
        made = exclude_rater(rater=row, reason=reason, by=acting_user(request))
        return Response(exclusion_document(made), status=201)

    @extend_schema(
        operation_id="raters_include", request=None, responses={200: shapes.ExclusionShape}
    )
    def delete(self, request: Request, slug: str, rater: str) -> Response:
        """Take them in again; that they were left out stays on record. 422 where they are in."""
        row = self.rater(request, slug, rater)
        return Response(exclusion_document(end_exclusion(rater=row, by=acting_user(request))))


class RaterOthers(RaterView):
    """Asking others in the stead of somebody who is left out."""

    scopes: ClassVar[Mapping[str, str]] = {"POST": ApiToken.Scope.MANAGE}

    @extend_schema(
        operation_id="raters_ask_others", request=None, responses={200: shapes.AskedShape}
    )
    def post(self, request: Request, slug: str, rater: str) -> Response:
        """Open a place for each that they filled, once; 422 where they count in the figures."""
        row = self.rater(request, slug, rater)
        return Response({"opened": ask_others(rater=row, by=acting_user(request))})
