"""The comprehension check: questions, feedback after each attempt, few attempts."""

from typing import Any

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studies.actions.parts import begin_part, try_comprehension
from studies.comprehension import NAME, Attempt, attempts_left, check_of
from studies.models import Part, Participant
from web.comprehension_form import CheckForm
from web.limits import limited
from web.part_page import part_page
from web.participants import language_for

TRIED = "comprehension"
"""In the session: participant → the answers of the attempt that was counted last."""


@limited("comprehension", "60/m")
@require_http_methods(["GET", "HEAD", "POST"])
@part_page(NAME)
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The questions with what was said about the attempt before, or the next attempt."""
    part = begin_part(participant=participant, name=NAME)
    if part.finished_at:
        return redirect("door", slug=participant.study.slug)
    form = _form(request, participant, part)
    if form.is_bound and form.is_valid():
        attempt = _try(participant, form)
        if attempt:
            return _after(request, participant, form, attempt)
    context = {
        "study": participant.study,
        "form": form,
        "left": attempts_left(form.check, part),
        "has_tried": bool(part.attempts),
    }
    return render(request, "comprehension/page.html", context, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, participant: Participant, part: Part) -> CheckForm:
    check = check_of(participant.study)
    if check is None:
        raise Http404
    return CheckForm(
        check,
        language=language_for(participant, get_language() or ""),
        languages=participant.study.languages,
        tried=_tried(request.session, participant) if part.attempts else {},
        data=request.POST if request.method == "POST" else None,
        attempt=part.attempts,
    )


def _try(participant: Participant, form: CheckForm) -> Attempt | None:
    """The attempt; None where it could not be counted, with the reason in the form."""
    attempt = form.cleaned_data["attempt"]
    try:
        return try_comprehension(participant=participant, answers=form.answers(), attempt=attempt)
    except ValidationError as refusal:
        for key, sentences in getattr(refusal, "error_dict", {None: [refusal]}).items():
            form.add_error(key, sentences)
        return None


def _after(
    request: HttpRequest, participant: Participant, form: CheckForm, attempt: Attempt
) -> HttpResponse:
    if attempt.is_counted and not attempt.is_over:
        # Shown by the page that follows, so that a reload sends nothing again.
        kept: dict[str, Any] = request.session.get(TRIED, {})
        request.session[TRIED] = {**kept, str(participant.pk): form.answers()}
    if attempt.is_counted and attempt.is_passed:
        messages.success(request, _("All answers are right."))
    return redirect("door" if attempt.is_over else NAME, slug=participant.study.slug)


def _tried(session: SessionBase, participant: Participant) -> dict[str, str]:
    found: dict[str, str] = session.get(TRIED, {}).get(str(participant.pk), {})
    return found
