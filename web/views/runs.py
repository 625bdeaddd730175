"""Machine work of a study: planned, priced, started, watched, stopped, and tried again."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotation.actions.judging import plan_judging
from annotation.choices import Stage
from annotation.judges import judges_of
from generation.actions.runs import plan_run
from generation.extraction_document import stage_endpoint
from generation.stages import STAGES
from generation.watching import dead_jobs, watch
from studies.models import Study
from studies.rules import can_manage, check_can_manage
from web.held import operators
from web.participants import signed_in
from web.runs_page import (
    JOBS_PER_PAGE,
    budget_lines,
    endpoint_names,
    figures_of,
    given_up,
    latest_runs,
    notes_on,
    plan_lines,
    runs_page,
    said_of_earlier,
    stages_of_machines,
    strategy_names,
)
from web.views.researchers import done_from, researchers_only, study_or_404
from work.actions.jobs import revive_dead
from work.actions.runs import cancel_run, pause, resume, retry_failed, start
from work.models import Run

ACTS = ["GET", "HEAD", "POST"]
LONGEST_REASON = 500
"""As long as a revival keeps."""


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """All runs, and a form for another; what is posted is planned and priced, not started."""
    if request.method == "POST":
        return _plan(request, slug)
    study = study_or_404(request, slug)
    if getattr(request, "htmx", False):
        return _lines(request, study)
    context = {
        "study": study,
        "runs": runs_page(study, request.GET.get("page", "")),
        "given_up": given_up(study),
        "may_manage": _may_manage(request, study),
        "work": stages_of_machines(),
        "stages": [
            stage for stage in Stage.values if stage in (study.document.get("stages") or {})
        ],
        "judges": judges_of(study),
        "endpoints": endpoint_names(study),
        "strategies": strategy_names(study),
    }
    return render(request, "runs/list.html", context)


def _lines(request: HttpRequest, study: Study) -> HttpResponse:
    """The runs alone, for a page that asks again while something runs."""
    if "latest" in request.GET:
        context = {"study": study, "lines": latest_runs(study), "is_short": True}
    else:
        runs = runs_page(study, request.GET.get("page", ""))
        context = {"study": study, "lines": runs.object_list, "number": runs.number}
    return render(request, "runs/lines.html", context)


def _plan(request: HttpRequest, slug: str) -> HttpResponse:
    study, by = _managed(request, slug)
    try:
        run = _planned(request, study, by)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("runs", slug=slug)
    if run.state != Run.State.PLANNED:
        messages.success(request, said_of_earlier(run))
    return redirect("run", slug=slug, run_id=run.pk)


def _planned(request: HttpRequest, study: Study, by: str) -> Run:
    judge = _text(request, "judge")
    stage = _stage(request, Stage.values if judge else STAGES)
    if judge:
        return plan_judging(study=study, stage=stage, judge_name=judge, by=by, starts=False)
    return plan_run(
        study=study,
        stage=stage,
        endpoint=stage_endpoint(study, stage, _text(request, "endpoint")),
        by=by,
        starts=False,
        strategies=[name.replace("\x00", "") for name in request.POST.getlist("strategies")],
    )


# -- One run -------------------------------------------------------------------


@require_safe
@researchers_only
@never_cache
def run(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """One run's plan and progress; asked by the page itself, only what changes."""
    study = study_or_404(request, slug)
    seen = watch(_run_or_404(study, run_id))
    context = {
        "study": study,
        "run": seen.run,
        "seen": seen,
        "plan": plan_lines(seen.run),
        "figures": figures_of(seen),
        "notes": notes_on(seen),
        "budgets": budget_lines(seen),
        "who": operators,
        "may_manage": _may_manage(request, study),
    }
    is_part = getattr(request, "htmx", False)
    return render(request, "runs/live.html" if is_part else "runs/run.html", context)


@require_http_methods(ACTS)
@researchers_only
@done_from("run", "slug", "run_id")
def start_run(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """Let a planned run go."""
    said = _("The run is started.")
    return _acted(request, slug, run_id, lambda run, by: start(run=run, by=by), said)


@require_http_methods(ACTS)
@researchers_only
@done_from("run", "slug", "run_id")
def pause_run(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """Hold what no worker has in hand."""
    said = _("The run is paused. What workers have in hand is completed.")
    return _acted(request, slug, run_id, lambda run, by: pause(run=run, by=by), said)


@require_http_methods(ACTS)
@researchers_only
@done_from("run", "slug", "run_id")
def resume_run(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """Let a paused run, or what is held of one, go on."""
    said = _("The run goes on.")
    return _acted(request, slug, run_id, lambda run, by: resume(run=run, by=by), said)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
@never_cache
def cancel(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """Give up what was not done, once somebody confirmed it."""
    if request.method == "POST":
        said = _("The run is cancelled. What it has done is kept.")
        return _acted(request, slug, run_id, lambda run, by: cancel_run(run=run, by=by), said)
    study, _by = _managed(request, slug)
    context = {"study": study, "seen": watch(_run_or_404(study, run_id))}
    return render(request, "runs/cancel.html", context)


def _acted(
    request: HttpRequest, slug: str, run_id: UUID, act: Callable[[Run, str], object], said: str
) -> HttpResponse:
    """Do it, and say on the run's page what came of it."""
    study, by = _managed(request, slug)
    found = _run_or_404(study, run_id)
    try:
        act(found, by)
        messages.success(request, said)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("run", slug=slug, run_id=run_id)


# -- What was given up ---------------------------------------------------------


@require_safe
@researchers_only
@never_cache
def failed(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """The jobs of a run that were given up, all or for one reason; ids only, never text."""
    study = study_or_404(request, slug)
    found = _run_or_404(study, run_id)
    error = _line_ends(request.GET["reason"]) if "reason" in request.GET else None
    jobs = Paginator(dead_jobs(found, error), JOBS_PER_PAGE)
    context = {
        "study": study,
        "run": found,
        "error": error,
        "jobs": jobs.get_page(request.GET.get("page", "")),
        "may_manage": _may_manage(request, study) and found.state != Run.State.CANCELLED,
    }
    return render(request, "runs/failed.html", context)


@require_http_methods(ACTS)
@researchers_only
@done_from("run", "slug", "run_id")
def retry(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """Give jobs that were given up another chance: all, those of one reason, or one."""
    study, by = _managed(request, slug)
    found = _run_or_404(study, run_id)
    error = _line_ends(_text(request, "error")) if "error" in request.POST else None
    try:
        job = UUID(request.POST["job"]) if "job" in request.POST else None
        reason = _text(request, "reason")
        n = retry_failed(run=found, by=by, reason=reason, error=error, job=job)
    except ValueError:
        messages.error(request, _("There is no such job."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _revived(n))
    return redirect("run", slug=slug, run_id=run_id)


@require_http_methods(ACTS)
@researchers_only
@done_from("runs", "slug")
def revive(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of all jobs of a study that were given up for one reason, whatever their run."""
    study, by = _managed(request, slug)
    reason = _text(request, "reason").strip()[:LONGEST_REASON]
    error = _line_ends(_text(request, "error"))
    if not reason:
        messages.error(request, _("Say what has changed, so that it can be looked up later."))
    else:
        kind = _text(request, "kind")
        n = revive_dead(study.scope, by=by, reason=reason, kind=kind, error=error)
        messages.success(request, _revived(n))
    return redirect("runs", slug=slug)


def _revived(n: int) -> str:
    return ngettext("%d job has another chance.", "%d jobs have another chance.", n) % n


# -- Who asks, and for what ----------------------------------------------------


def _run_or_404(study: Study, run_id: UUID) -> Run:
    return get_object_or_404(Run, pk=run_id, scope=study.scope)


def _may_manage(request: HttpRequest, study: Study) -> bool:
    user = signed_in(request)
    return bool(user and can_manage(study, user))


def _managed(request: HttpRequest, slug: str) -> tuple[Study, str]:
    """The study and the user's name; PermissionDenied for those who may only look."""
    study = study_or_404(request, slug)
    if user := signed_in(request):
        check_can_manage(study, user)
    return study, request.user.get_username()


def _stage(request: HttpRequest, known: Sequence[str]) -> str:
    stage = _text(request, "stage")
    if stage not in known:
        raise ValidationError(_("Choose a stage."))
    return stage


def _text(request: HttpRequest, name: str) -> str:
    """What was posted under a name; a database takes no NUL."""
    return request.POST.get(name, "").replace("\x00", "")


def _line_ends(error: str) -> str:
    """A last error as the database has it: a form's line ends are CRLF, and it takes no NUL."""
    return error.replace("\r\n", "\n").replace("\x00", "")
