"""A researcher's page on the judges of a stage: consistent, calibrated, biased?"""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.judge_page import question_choices, sections_of
from web.views.researchers import researchers_only, study_or_404


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """The cards of all judges for one question, held to the majority of people or to owners.

    The other questions are a link away: all of a big study's at once take long.
    """
    study = study_or_404(request, slug)
    if stage not in (study.document.get("stages") or {}):
        raise Http404
    # Needs numpy, which most visits never do.
    from annotation.judge_document import judge_cards

    reference = request.GET.get("reference", "majority")
    choices = question_choices(study, stage)
    question = request.GET.get("question") or next(iter(choices), "")
    context: dict[str, object] = {
        "study": study,
        "stage": stage,
        "reference": reference,
        "choices": choices,
        "question": question,
    }
    try:
        document = judge_cards(study=study, stage=stage, question=question, reference=reference)
        context |= {"document": document, "sections": sections_of(document)}
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    return render(request, "studies/judges.html", context)
