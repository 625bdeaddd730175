"""Raters: the signals about them."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.models import Rater
from api.views.study_view import StudyView


class Raters(StudyView):
    """Everybody who judges, the most suspicious first."""

    @extend_schema(operation_id="raters_list", responses={200: dict})
    def get(self, request: Request, slug: str) -> Response:
        """What is measured of each, which of it is a flag, and how far each is to be trusted."""
        # Needs numpy, which most processes never do.
        from annotation.quality.document import raters_document

        return Response(raters_document(self.study(request, slug)))


class RaterDetail(StudyView):
    """One rater."""

    @extend_schema(operation_id="raters_read", responses={200: dict})
    def get(self, request: Request, slug: str, rater: str) -> Response:
        """Every signal with the judgments behind it, and when they were left out of figures."""
        from annotation.quality.document import rater_document

        study = self.study(request, slug)
        try:
            return Response(rater_document(study, rater))
        except Rater.DoesNotExist as missing:
            raise Http404 from missing
