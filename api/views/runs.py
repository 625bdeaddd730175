"""Planning machine work, and watching it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.judging import plan_judging
from annotation.choices import Stage
from api import shapes
from api.pagination import Pages
from api.parsing import check_keys, text_in
from api.views.study_view import StudyView
from collection.endpoints import endpoint_for
from generation.actions.runs import plan_run
from studies.models import Study
from work.models import Run
from work.queries import progress_of_run

JUDGING = "judging"
RUN_KEYS = frozenset({"kind", "endpoint", "stage", "judge"})


class Runs(StudyView):
    """A study's runs."""

    @extend_schema(operation_id="runs_list", responses={200: shapes.RunShape(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        """List them, the newest first."""
        study = self.study(request, slug)
        rows = Run.objects.filter(scope=study.scope).order_by("-created_at", "id")
        pages = Pages()
        found = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([run_json(run) for run in found])

    @extend_schema(request=shapes.RunBody, responses={202: shapes.RunShape})
    def post(self, request: Request, slug: str) -> Response:
        """Plan generation or judging; what exists already is not done again."""
        study = self.managed_study(request, slug)
        return Response(run_json(_planned(study, request)), status=202)


class RunDetail(StudyView):
    """One run."""

    @extend_schema(operation_id="runs_read", responses={200: shapes.RunShape})
    def get(self, request: Request, slug: str, run_id: UUID) -> Response:
        """How far it is, and what failed and why."""
        study = self.study(request, slug)
        return Response(run_json(get_object_or_404(Run, pk=run_id, scope=study.scope)))


def _planned(study: Study, request: Request) -> Run:
    check_keys(request.data, RUN_KEYS)
    kind = text_in(request.data, "kind")
    by = request.user.get_username()
    if kind == JUDGING:
        return plan_judging(
            study=study,
            stage=_stage(text_in(request.data, "stage")),
            judge_name=text_in(request.data, "judge"),
            by=by,
        )
    if kind not in Stage.values:
        kinds = ", ".join([*Stage.values, JUDGING])
        raise ValidationError({"kind": f"A run's kind is one of {kinds}."})
    endpoint = endpoint_for(study, text_in(request.data, "endpoint", default=""))
    return plan_run(study=study, stage=kind, endpoint=endpoint, by=by)


def _stage(stage: str) -> str:
    if stage not in Stage.values:
        raise ValidationError({"stage": f"A stage is one of {', '.join(Stage.values)}."})
    return stage


def run_json(run: Run) -> dict[str, Any]:
    """A run for programs."""
    progress = progress_of_run(run)
    return {
        "id": str(run.id),
        "kind": JUDGING if run.kind == "judge" else run.kind,
        "title": run.title,
        "created_at": run.created_at,
        "progress": {
            "ready": progress.ready,
            "leased": progress.leased,
            "done": progress.done,
            "dead": progress.dead,
            "cancelled": progress.cancelled,
            "total": progress.total,
            "is_over": progress.is_over,
            "outcomes": progress.outcomes,
            "failures": progress.failures,
        },
    }
