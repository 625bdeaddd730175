"""Judges: their cards."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.choices import Stage
from api.parsing import stage_and_options
from api.views.study_view import StudyView

OPTIONS = ("judge", "question", "reference")


class Judges(StudyView):
    """How the judges of a stage behave."""

    @extend_schema(
        parameters=[
            OpenApiParameter("stage", required=True, enum=Stage.values),
            *[OpenApiParameter(name, required=False) for name in OPTIONS],
        ],
        responses={200: dict},
    )
    def get(self, request: Request, slug: str) -> Response:
        """The document of `manage.py judge_card`."""
        study = self.study(request, slug)
        # Needs numpy, which most visits never do.
        from annotation.judge_document import judge_cards

        stage, chosen = stage_and_options(request.query_params, OPTIONS)
        return Response(judge_cards(study=study, stage=stage, **chosen))
