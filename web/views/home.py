"""The first page: what this is, and what one can do here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from studies.models import Study
from studies.recruitment.registry import admits_anyone
from web.participants import participants_of, signed_in


def page(request: HttpRequest) -> HttpResponse:
    """For a stranger, a participant and a researcher alike."""
    user = signed_in(request)
    entered = [row.study for row in participants_of(request)]
    known = {study.pk for study in entered}
    context = {
        "entered": entered,
        "open_studies": [
            {"study": row, "description": row.text("description", get_language() or "")}
            for row in open_studies()
            if row.pk not in known
        ],
        "studies": Study.objects.visible_to(user) if user else [],
    }
    return render(request, "home.html", context)


def open_studies() -> list[Study]:
    """Those that anyone may enter: open, by the plain link, and with a text to agree to."""
    asking = Study.objects.filter(state=Study.State.OPEN, document__has_key="consent")
    return [study for study in asking.order_by("slug") if _asks_anyone(study)]


def _asks_anyone(study: Study) -> bool:
    return bool(study.document["consent"]) and admits_anyone(study)
