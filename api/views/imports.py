"""Bringing a study's bundle in."""

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import shapes
from api.views.study_view import StudyView
from releases.actions.importing import import_lines


class AnyLines(BaseParser):
    """NDJSON under whatever name it is sent; it is read as a stream, not parsed here."""

    media_type = "*/*"

    def parse(self, stream, media_type=None, parser_context=None):  # type: ignore[no-untyped-def]
        """The stream itself."""
        return stream


class Import(StudyView):
    """A bundle as NDJSON."""

    parser_classes = [AnyLines]

    @extend_schema(request={"application/x-ndjson": bytes}, responses={201: shapes.Counts})
    def post(self, request: Request, slug: str) -> Response:
        """Store a bundle, all of it or nothing; a fault names line, field and reason."""
        study = self.managed_study(request, slug)
        counts = import_lines(study=study, lines=request.stream or [])
        return Response({"study": study.slug, "counts": counts}, status=201)
