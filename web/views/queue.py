"""A rater's queue: every study and stage in which something waits."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from annotation.duties import open_duties
from web.participants import participants_of


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The stages where the person can judge now."""
    participants = list(participants_of(request))
    context: dict[str, Any] = {
        "duties": open_duties(participants),
        "takes_part": bool(participants),
    }
    context["people"] = [participant.pk for participant in participants]
    return render(request, "judge/queue.html", context)
