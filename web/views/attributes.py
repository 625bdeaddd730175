"""What owners remember about themselves, written before they see what a model noticed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation.actions.owning import write_attributes
from generation.owning import (
    ATTRIBUTES,
    attributes_before_models,
    attributes_section,
    is_finished,
    shared_conversations,
)
from studies.actions.parts import begin_part
from studies.models import Participant
from web.limits import limited
from web.own_words import TYPES, LinesForm, name_of, personal_data_in, seal_of
from web.part_page import part_page


@limited("own_words", "60/m")
@require_http_methods(["GET", "HEAD", "POST"])
@part_page(ATTRIBUTES)
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The lines to write, beside what was shared; once sent, what was written."""
    if is_finished(participant, ATTRIBUTES):
        return _written(request, participant)
    begin_part(participant=participant, name=ATTRIBUTES)
    section = attributes_section(participant.study)
    assert section is not None  # else there is no such part
    conversations = shared_conversations(participant)
    posted = request.POST if request.method == "POST" else None
    lines = LinesForm(section, conversations, posted)
    context = {
        "study": participant.study,
        "section": section,
        "conversations": [(row, name_of(row), row.turns_at()) for row in conversations],
    }
    action = request.POST.get("action", "")
    if action == "add" or action.startswith("remove-"):
        return _show(request, context, lines.edited(action))
    return _send(request, participant, context, lines) if posted else _show(request, context, lines)


def _send(
    request: HttpRequest, participant: Participant, context: dict[str, Any], lines: LinesForm
) -> HttpResponse:
    """Store the lines, unless something about them has to be looked at again."""
    if not lines.is_valid:
        return _show(request, context, lines, status=422)
    findings = personal_data_in([line.text for line in lines.lines], participant)
    seal = seal_of(findings)
    if seal != request.POST.get("seal", ""):
        return _show(request, context, lines, status=422, findings=findings, seal=seal)
    try:
        write_attributes(participant=participant, lines=lines.lines)
    except ValidationError as refusal:
        return _show(request, context, lines, status=422, refusals=refusal.messages)
    return redirect("door", slug=participant.study.slug)


def _show(
    request: HttpRequest,
    context: dict[str, Any],
    lines: LinesForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    is_htmx = bool(getattr(request, "htmx", False))
    name = "attributes/page.html#lines" if is_htmx else "attributes/page.html"
    return render(request, name, {**context, "lines": lines, **more}, status=status)


def _written(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What was written stays as it was remembered; corrections are made elsewhere."""
    if request.method == "POST":
        return redirect("door", slug=participant.study.slug)
    rows = [
        (row, TYPES.get(row.type, ""), [name_of(one.conversation) for one in row.evidence.all()])
        for row in attributes_before_models(participant)
    ]
    context = {"study": participant.study, "rows": rows}
    return render(request, "attributes/written.html", context)
