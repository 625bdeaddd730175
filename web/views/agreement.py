"""A researcher's pages on how far raters agree."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.agreement_page import agreement_of_stage, summary_of
from web.views.researchers import researchers_only, study_or_404


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
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
