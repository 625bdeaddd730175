"""The live tables, streamed."""

from collections.abc import Mapping
from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.views.study_view import StudyView
from releases.streaming import MEDIA_TYPES, stream_table
from studies.models import ApiToken


class TableExport(StudyView):
    """One table of a study as it stands now."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": ApiToken.Scope.READ}

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(
        self, request: Request, slug: str, table: str, format_name: str
    ) -> StreamingHttpResponse:
        """Stream it as jsonl, csv or parquet, in constant memory."""
        study = self.study(request, slug)
        return StreamingHttpResponse(
            stream_table(study, table, format_name),
            content_type=MEDIA_TYPES[format_name],
            headers={
                "Content-Disposition": f'attachment; filename="{slug}-{table}.{format_name}"',
                "Cache-Control": "no-store",
            },
        )
