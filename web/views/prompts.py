"""What owners would ask an assistant next: the requests of stages 2 and 3."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from generation.actions.owning import write_prompts
from generation.owning import PROMPTS, is_finished, own_prompts, prompts_section
from studies.actions.parts import begin_part
from studies.models import Participant
from studies.wording import worded
from web.limits import limited
from web.own_words import RequestsForm, personal_data_in, seal_of
from web.part_page import part_page
from web.participants import language_for


@limited("own_words", "60/m")
@require_http_methods(["GET", "HEAD", "POST"])
@part_page(PROMPTS)
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """A field per request; once sent, what was written."""
    if is_finished(participant, PROMPTS):
        return _written(request, participant)
    begin_part(participant=participant, name=PROMPTS)
    section = prompts_section(participant.study)
    assert section is not None  # else there is no such part
    form = RequestsForm(section.count, request.POST if request.method == "POST" else None)
    language = language_for(participant, get_language() or "")
    context = {
        "study": participant.study,
        "form": form,
        "count": section.count,
        "wording": worded(section.wording, language, participant.study.languages),
    }
    return _send(request, participant, context, form) if form.is_bound else _show(request, context)


def _send(
    request: HttpRequest, participant: Participant, context: dict[str, Any], form: RequestsForm
) -> HttpResponse:
    """Store the requests, unless something about them has to be looked at again."""
    if not form.is_valid():
        return _show(request, context, status=422)
    findings = personal_data_in(form.texts, participant)
    seal = seal_of(findings)
    if seal != request.POST.get("seal", ""):
        return _show(request, context, status=422, findings=findings, seal=seal)
    try:
        write_prompts(participant=participant, texts=form.texts)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _show(request, context, status=422)
    return redirect("door", slug=participant.study.slug)


def _show(
    request: HttpRequest, context: dict[str, Any], *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(request, "prompts/page.html", {**context, **more}, status=status)


def _written(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What was written stays: machines have begun to work on it."""
    if request.method == "POST":
        return redirect("door", slug=participant.study.slug)
    context = {"study": participant.study, "prompts": own_prompts(participant)}
    return render(request, "prompts/written.html", context)
