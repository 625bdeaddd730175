"""Planning machine work, starting and stopping it, and watching it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.judging import JUDGE, plan_judging
from annotation.choices import Stage
from api import shapes
from api.pagination import Pages
from api.parsing import check_keys, text_in, texts_in, truth_in
from api.permissions import acting_user
from api.views.study_view import StudyView
from generation.actions.runs import plan_run
from generation.extraction_document import stage_endpoint
from generation.stages import STAGES
from generation.watching import run_document, watch, watch_document
from studies.models import Study
from work.actions.runs import cancel_run, pause, resume, retry_failed, start
from work.models import Run
from work.queries import progress_of_runs

JUDGING = "judging"
RUN_KEYS = frozenset({"kind", "endpoint", "stage", "judge", "strategies", "start"})
RETRY_KEYS = frozenset({"reason", "error", "job"})
LONGEST_REASON = 500


class Runs(StudyView):
    """A study's runs."""

    @extend_schema(operation_id="runs_list", responses={200: shapes.RunShape(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        """List them, the newest first."""
        study = self.study(request, slug)
        rows = Run.objects.filter(scope=study.scope).order_by("-created_at", "id")
        pages = Pages()
        found = pages.paginate_queryset(rows, request, view=self) or []
        progress = progress_of_runs(found)
        told = [named(run_document(run, progress[run.pk])) for run in found]
        return pages.get_paginated_response(told)

    @extend_schema(request=shapes.RunBody, responses={202: shapes.WatchedRunShape})
    def post(self, request: Request, slug: str) -> Response:
        """Plan generation or judging; what exists already is not done again.

        With `"start": false` nothing is asked yet, and the answer holds an estimate.
        """
        study = self.managed_study(request, slug)
        return Response(named(watch_document(watch(_planned(study, request)))), status=202)


class RunDetail(StudyView):
    """One run."""

    @extend_schema(operation_id="runs_read", responses={200: shapes.WatchedRunShape})
    def get(self, request: Request, slug: str, run_id: UUID) -> Response:
        """How far it is, what it has cost, and what failed and why."""
        study = self.study(request, slug)
        run = get_object_or_404(Run, pk=run_id, scope=study.scope)
        return Response(named(watch_document(watch(run))))


class RunAct(StudyView):
    """Something done to a run, by its owners and managers; twice is the same as once."""

    known: frozenset[str] = frozenset()

    def act(self, run: Run, by: str, body: Any) -> None:
        """Do it; raises ValidationError."""
        raise NotImplementedError

    def acted(self, request: Request, slug: str, run_id: UUID) -> Response:
        """The run after it was done."""
        study = self.managed_study(request, slug)
        run = get_object_or_404(Run, pk=run_id, scope=study.scope)
        check_keys(request.data, self.known)
        self.act(run, acting_user(request).get_username(), request.data)
        run.refresh_from_db()
        return Response(named(watch_document(watch(run))))


class StartRun(RunAct):
    """Let a planned run go."""

    @extend_schema(operation_id="runs_start", request=None, responses=shapes.WatchedRunShape)
    def post(self, request: Request, slug: str, run_id: UUID) -> Response:
        """Its jobs are done as workers come to them."""
        return self.acted(request, slug, run_id)

    def act(self, run: Run, by: str, body: Any) -> None:
        """Start it."""
        start(run=run, by=by)


class PauseRun(RunAct):
    """Hold a run."""

    @extend_schema(operation_id="runs_pause", request=None, responses=shapes.WatchedRunShape)
    def post(self, request: Request, slug: str, run_id: UUID) -> Response:
        """What workers have in hand is completed, the rest is held."""
        return self.acted(request, slug, run_id)

    def act(self, run: Run, by: str, body: Any) -> None:
        """Pause it."""
        pause(run=run, by=by)


class ResumeRun(RunAct):
    """Let a paused run, or what is held of one, go on."""

    @extend_schema(operation_id="runs_resume", request=None, responses=shapes.WatchedRunShape)
    def post(self, request: Request, slug: str, run_id: UUID) -> Response:
        """Also what was held for want of something, such as a budget."""
        return self.acted(request, slug, run_id)

    def act(self, run: Run, by: str, body: Any) -> None:
        """Resume it."""
        resume(run=run, by=by)


class CancelRun(RunAct):
    """Give up what was not done yet."""

    @extend_schema(operation_id="runs_cancel", request=None, responses=shapes.WatchedRunShape)
    def post(self, request: Request, slug: str, run_id: UUID) -> Response:
        """What was done stays; the same work can be planned again."""
        return self.acted(request, slug, run_id)

    def act(self, run: Run, by: str, body: Any) -> None:
        """Cancel it."""
        cancel_run(run=run, by=by)


class RetryRun(RunAct):
    """Give what failed another chance."""

    known = RETRY_KEYS

    @extend_schema(
        operation_id="runs_retry", request=shapes.RetryBody, responses=shapes.WatchedRunShape
    )
    def post(self, request: Request, slug: str, run_id: UUID) -> Response:
        """All of it, what failed for one reason, or a single job; `reason` is kept."""
        return self.acted(request, slug, run_id)

    def act(self, run: Run, by: str, body: Any) -> None:
        """Revive its dead jobs."""
        reason = text_in(body, "reason", longest=LONGEST_REASON)
        error = text_in(body, "error", longest=LONGEST_REASON) if "error" in body else None
        job = _job(text_in(body, "job")) if "job" in body else None
        retry_failed(run=run, by=by, reason=reason, error=error, job=job)


def _job(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise ValidationError({"job": "This is no id of a job."}) from None


def _planned(study: Study, request: Request) -> Run:
    check_keys(request.data, RUN_KEYS)
    kind = text_in(request.data, "kind")
    by = request.user.get_username()
    starts = truth_in(request.data, "start", default=True)
    if kind == JUDGING:
        return plan_judging(
            study=study,
            stage=_stage(text_in(request.data, "stage")),
            judge_name=text_in(request.data, "judge"),
            by=by,
            starts=starts,
        )
    if kind not in STAGES:
        kinds = ", ".join([*STAGES, JUDGING])
        raise ValidationError({"kind": f"A run's kind is one of {kinds}."})
    return plan_run(
        study=study,
        stage=kind,
        endpoint=stage_endpoint(study, kind, text_in(request.data, "endpoint", default="")),
        by=by,
        starts=starts,
        strategies=texts_in(request.data, "strategies"),
    )


def _stage(stage: str) -> str:
    if stage not in Stage.values:
        raise ValidationError({"stage": f"A stage is one of {', '.join(Stage.values)}."})
    return stage


def named(document: dict[str, Any]) -> dict[str, Any]:
    """A run's document with its kind as the API calls it."""
    return document | {"kind": JUDGING if document["kind"] == JUDGE else document["kind"]}
