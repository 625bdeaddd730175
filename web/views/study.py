"""A researcher's page of one study: is it going well, what needs me, what may I start?"""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotation.actions.judging import plan_judging
from annotation.choices import Stage
from annotation.judges import judges_of
from collection.endpoints import endpoint_for
from generation.actions.runs import plan_run
from llm.models import Endpoint
from releases.actions.releasing import plan_release
from releases.queries import releases_of
from studies.models import Study
from studies.rules import can_manage, check_can_manage
from web.participants import signed_in
from web.study_page import (
    agreement_of_stage,
    has_agreement,
    release_lines,
    run_lines,
    stage_lines,
    summary_of,
    trouble_in,
)
from web.views.researchers import researchers_only, study_or_404
from work.actions.jobs import revive_dead

LONGEST_REASON = 500
"""As long as a revival keeps."""


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything at a glance; the agreement figures follow, as they take longer."""
    study = study_or_404(request, slug)
    releases = releases_of(study)
    user = signed_in(request)
    context = {
        "study": study,
        "stages": stage_lines(study),
        "trouble": trouble_in(study, releases),
        "lines": run_lines(study),
        "releases": release_lines(releases),
        "has_agreement": has_agreement(study),
        "may_manage": bool(user and can_manage(study, user)),
        "judges": judges_of(study),
        "endpoints": _endpoint_names(study),
    }
    return render(request, "studies/study.html", context)


def _endpoint_names(study: Study) -> list[str]:
    """The study's own names first, then the site's."""
    listed = [entry["name"] for entry in study.document.get("endpoints") or []]
    known = Endpoint.objects.filter(is_active=True).values_list("name", flat=True)
    return list(dict.fromkeys([*listed, "default", *known]))


@require_safe
@researchers_only
@never_cache
def runs(request: HttpRequest, slug: str) -> HttpResponse:
    """The runs alone, for a page that asks again while something runs."""
    study = study_or_404(request, slug)
    context = {"study": study, "lines": run_lines(study)}
    return render(request, "studies/study.html#runs", context)


@require_safe
@researchers_only
@never_cache
def one_release(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """One release alone, for a page that asks again while it is built."""
    study = study_or_404(request, slug)
    found = get_object_or_404(study.releases, version=version)
    context = {"study": study, "line": release_lines([found])[0], "is_first": True}
    return render(request, "studies/release.html", context)


@require_safe
@researchers_only
@never_cache
def stage_agreement(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """How far raters agree on each question of a stage; a page of its own, or a part of one."""
    study = study_or_404(request, slug)
    if stage not in (study.document.get("stages") or {}):
        raise Http404
    is_part = bool(getattr(request, "htmx", False))
    context: dict[str, object] = {"study": study, "stage": stage, "is_part": is_part}
    try:
        context["questions"] = questions = agreement_of_stage(study, stage)
        context["summary"] = summary_of(questions)
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    name = "studies/agreement.html#summary" if is_part else "studies/agreement.html"
    return render(request, name, context)


@require_POST
@researchers_only
def generate(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a model propose what a stage judges."""
    study, by = _managed(request, slug)

    def act() -> str:
        endpoint = endpoint_for(study, _text(request, "endpoint"))
        plan_run(study=study, stage=_stage(request), endpoint=endpoint, by=by)
        return _("The run is planned.")

    return _acted(request, study, act)


@require_POST
@researchers_only
def judge(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a judge of the study judge a stage."""
    study, by = _managed(request, slug)

    def act() -> str:
        judge_name = _text(request, "judge")
        plan_judging(study=study, stage=_stage(request), judge_name=judge_name, by=by)
        return _("The judge is at work.")

    return _acted(request, study, act)


@require_POST
@researchers_only
def revive(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the jobs that were given up for one reason another chance."""
    study, by = _managed(request, slug)

    def act() -> str:
        reason = _text(request, "reason").strip()[:LONGEST_REASON]
        if not reason:
            raise ValidationError(_("Say what has changed, so that it can be looked up later."))
        n = revive_dead(
            study.scope, by=by, reason=reason, kind=_text(request, "kind"), error=_error(request)
        )
        return ngettext("%d job has another chance.", "%d jobs have another chance.", n) % n

    return _acted(request, study, act)


def _error(request: HttpRequest) -> str:
    """The last error of the jobs meant; a form's line ends are CRLF, the database's are not."""
    return _text(request, "error").replace("\r\n", "\n")


@require_POST
@researchers_only
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Build the next release."""
    study = study_or_404(request, slug)

    def act() -> str:
        planned = plan_release(study=study, by=signed_in(request))
        return _("Release %s is being built.") % planned.version

    return _acted(request, study, act)


def _managed(request: HttpRequest, slug: str) -> tuple[Study, str]:
    """The study and the user's name; PermissionDenied for those who may only look."""
    study = study_or_404(request, slug)
    if user := signed_in(request):
        check_can_manage(study, user)
    return study, request.user.get_username()


def _stage(request: HttpRequest) -> str:
    stage = _text(request, "stage")
    if stage not in Stage.values:
        raise ValidationError(_("Choose a stage."))
    return stage


def _text(request: HttpRequest, name: str) -> str:
    """What was posted under a name; a database takes no NUL."""
    return request.POST.get(name, "").replace("\x00", "")


def _acted(request: HttpRequest, study: Study, act: Callable[[], str]) -> HttpResponse:
    """Do it, and say on the study's page what came of it."""
    try:
        messages.success(request, act())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("study", slug=study.slug)
