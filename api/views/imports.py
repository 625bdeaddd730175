"""Bringing a study's bundle in."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import shapes
from api.errors import document
from api.views.study_view import StudyView
from releases.actions.importing import import_bundle
from releases.actions.loading.load import ImportRefused
from studies.models import User

CHUNK = 64 * 1024


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
        by = request.user if isinstance(request.user, User) else None
        try:
            report = import_bundle(study=study, chunks=_chunks(request), name="body", by=by)
        except ImportRefused as refusal:
            return Response(_faults(refusal), status=422)
        return Response(report.as_json(), status=201)


def _chunks(request: Request) -> Iterator[bytes]:
    while chunk := request.stream.read(CHUNK) if request.stream else b"":
        yield chunk


def _faults(refusal: ImportRefused) -> dict[str, Any]:
    first = refusal.faults[0]
    rows = [
        {"line": fault.line, "field": fault.field, "reason": fault.reason}
        for fault in refusal.faults
    ]
    return document("invalid", f"{refusal.sentence} {first}", {"faults": rows})
