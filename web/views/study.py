"""A researcher's page of one study: is it going well, what needs me, what may I start?"""

from collections.abc import Callable
from typing import Protocol

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotation.counting import standing
from releases.actions.releasing import plan_release
from releases.queries import releases_of
from studies.actions.studies import close_study, open_study
from studies.models import Study, User
from studies.rules import can_manage
from web.held import operators
from web.participants import signed_in
from web.runs_page import latest_runs
from web.study_money import money_of
from web.study_page import (
    has_agreement,
    release_lines,
    stage_lines,
    trouble_in,
)
from web.views.researchers import done_from, researchers_only, study_or_404


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything at a glance; the agreement figures follow, as they take longer."""
    study = study_or_404(request, slug)
    releases = releases_of(study)
    user, stands = signed_in(request), standing(study)
    context = {
        "study": study,
        "stages": stage_lines(study, stands),
        "counted_at": stands.counted_at,
        "money": money_of(study, stands),
        "trouble": trouble_in(study, stands, releases),
        "who": operators,
        "lines": latest_runs(study),
        "releases": release_lines(releases),
        "has_agreement": has_agreement(study),
        "may_manage": bool(user and can_manage(study, user)),
    }
    return render(request, "studies/study.html", context)


@require_safe
@researchers_only
@never_cache
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far it is, alone: for the page of a large study, which is counted anew now and then."""
    study = study_or_404(request, slug)
    stands = standing(study)
    context = {"study": study, "stages": stage_lines(study, stands)}
    context["counted_at"] = stands.counted_at
    return render(request, "studies/progress.html", context)


@require_safe
@researchers_only
@never_cache
def one_release(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """One release alone, for a page that asks again while it is built."""
    study = study_or_404(request, slug)
    found = get_object_or_404(study.releases, version=version)
    context = {"study": study, "line": release_lines([found])[0], "is_first": True}
    return render(request, "studies/release.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
@done_from("study", "slug")
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Build the next release."""
    study = study_or_404(request, slug)

    def act() -> str:
        planned = plan_release(study=study, by=signed_in(request))
        return _("Release %s is being built.") % planned.version

    return _acted(request, study, act)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
@done_from("study", "slug")
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask nothing more of anyone."""
    said = _("The study is closed. Nothing more is asked of anyone.")
    return _switched(request, slug, close_study, said)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
@done_from("study", "slug")
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Let people in again."""
    said = _("The study is open. People may enter and judge again.")
    return _switched(request, slug, open_study, said)


class _Switch(Protocol):
    def __call__(self, *, study: Study, by: User) -> None: ...


def _switched(request: HttpRequest, slug: str, switch: _Switch, said: str) -> HttpResponse:
    study, user = study_or_404(request, slug), signed_in(request)
    assert user  # researchers only
    switch(study=study, by=user)
    messages.success(request, said)
    return redirect("study", slug=slug)


def _acted(request: HttpRequest, study: Study, act: Callable[[], str]) -> HttpResponse:
    """Do it, and say on the study's page what came of it."""
    try:
        messages.success(request, act())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("study", slug=study.slug)
