"""What every page of a part of a study has in common: who may be there, and when."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from studies.models import Participant
from studies.parts import is_reached, parts_of
from studies.rules import takes_part
from web.participants import participant_or_404

View = Callable[..., HttpResponse]


def part_page(name: str) -> Callable[[View], View]:
    """Make `view(request, participant, …)` the page of a part, at an address with `slug`.

    Who takes no part in the study finds nothing. Who has not agreed, or has something before it to
    do, is led to the study's door; what they sent is refused with 403 or 409 and not stored.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def page(request: HttpRequest, slug: str, **place: Any) -> HttpResponse:
            participant = participant_or_404(request, slug)
            if not _takes_part(participant):
                return _away(request, participant)
            if not is_reached(parts_of(participant), name):
                return _not_yet(request, participant)
            return view(request, participant, **place)

        return page

    return decorate


def _takes_part(participant: Participant) -> bool:
    return participant.study.is_open and takes_part(participant)


def _away(request: HttpRequest, participant: Participant) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied(_("You have not agreed to take part, or the study is closed."))
    return redirect("door", slug=participant.study.slug)


def _not_yet(request: HttpRequest, participant: Participant) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return redirect("door", slug=participant.study.slug)
    context = {"study": participant.study}
    return render(request, "door/not_yet.html", context, status=409)
