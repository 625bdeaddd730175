"""A researcher's pages on how far raters agree, down to the items behind a figure."""

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation.models import Item
from annotation.queries import question_of, rubric_in_force
from studies.models import Study
from web.agreement_page import (
    Chosen,
    Part,
    csv_rows,
    excluded_in,
    material_for,
    part_of,
    question_links,
    summary_of,
    survey_choices,
    without_excluded,
)
from web.crossed_page import Row, crossed_page, opened
from web.csv_answers import csv_answer
from web.item_page import item_page
from web.views.researchers import researchers_only, study_or_404

AT_ONCE = 25
"""Items on a page of the explorer."""


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """The figures of one question of a stage; for htmx all of its questions in short."""
    study = _study(request, slug, stage)
    if getattr(request, "htmx", False) or "all" in request.GET:
        return _summary(request, study, stage)
    chosen = Chosen.of(request.GET)
    context: dict[str, object] = {
        "study": study,
        "stage": stage,
        "chosen": chosen,
        "choices": question_links(study, stage),
        "excluded": excluded_in(study),
        "surveyed": survey_choices(study),
    }
    try:
        asked = question_of(rubric_in_force(study, stage), chosen.question)
        context["part"] = part_of(study, material_for(study, stage, chosen), asked, chosen)
        context["without"] = without_excluded(study, stage, asked, chosen)
        context["key"] = asked.key
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    return render(request, "studies/agreement.html", context)


def _summary(request: HttpRequest, study: Study, stage: str) -> HttpResponse:
    is_part = bool(getattr(request, "htmx", False))
    context: dict[str, object] = {"study": study, "stage": stage, "is_part": is_part}
    try:
        context["summary"] = summary_of(study, stage)
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    name = "studies/summary.html#summary" if is_part else "studies/summary.html"
    return render(request, name, context)


@require_safe
@researchers_only
@never_cache
def table(request: HttpRequest, slug: str, stage: str, chart: str) -> HttpResponse:
    """The numbers of one chart, or of all pairs, as CSV."""
    study = _study(request, slug, stage)
    try:
        part = _part(study, stage, Chosen.of(request.GET))
    except ValidationError as refusal:
        raise Http404 from refusal
    rows = list(csv_rows(part, chart))
    if not rows:
        raise Http404
    return csv_answer(rows, f"{study.slug}-{stage}-{part.document['question']}-{chart}.csv")


@require_safe
@researchers_only
@never_cache
def pair(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """What two raters answered, crossed, and the items behind each meeting of answers."""
    study = _study(request, slug, stage)
    chosen = Chosen.of(request.GET)
    context: dict[str, object] = {"study": study, "stage": stage, "chosen": chosen}
    try:
        found = crossed_page(study, stage, chosen, request.GET)
        page = _paged(found.rows, request)
        context |= {"found": found, "page": page}
        context["opened"] = opened(study, found, [*page])
    except ValidationError as refusal:
        context["refusal"] = " ".join(refusal.messages)
    return render(request, "studies/crossed.html", context)


def _paged(rows: list[Row], request: HttpRequest) -> Page[Row]:
    return Paginator(rows, AT_ONCE).get_page(request.GET.get("page"))


@require_safe
@researchers_only
@never_cache
def one_item(request: HttpRequest, slug: str, stage: str, item: str) -> HttpResponse:
    """One item as its raters saw it, with what each of them answered."""
    study = _study(request, slug, stage)
    found = get_object_or_404(Item, study=study, stage=stage, ref=item)
    context = {"study": study, "stage": stage, "shown": item_page(found)}
    return render(request, "studies/item.html", context)


def _study(request: HttpRequest, slug: str, stage: str) -> Study:
    study = study_or_404(request, slug)
    if stage not in (study.document.get("stages") or {}):
        raise Http404
    return study


def _part(study: Study, stage: str, chosen: Chosen) -> Part:
    asked = question_of(rubric_in_force(study, stage), chosen.question)
    return part_of(study, material_for(study, stage, chosen), asked, chosen)
