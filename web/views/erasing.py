"""Asking to be erased, and looking how far it is."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from releases.actions.erasing import request_erasure
from releases.models import Erasure
from web.limits import limited
from web.participants import participant_or_404


@limited("rights", "60/m")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """What erasing means; it begins once its box was ticked. Only the person's own session may."""
    participant = participant_or_404(request, slug)
    if request.method == "POST" and request.POST.get("sure"):
        erasure = request_erasure(participant=participant)
        return redirect("erasure", receipt=erasure.receipt)
    context = {"study": participant.study, "participant": participant}
    if request.method == "POST":
        messages.error(request, _("Tick the box first. Nothing was erased."))
        return render(request, "me/erase.html", context, status=422)
    return render(request, "me/erase.html", context)


@never_cache
@limited("receipt", "60/m", per="address", reading=True)
@require_safe
def progress(request: HttpRequest, receipt: str) -> HttpResponse:
    """How far an erasure is, for whoever holds its receipt; it tells nothing else."""
    erasure = get_object_or_404(Erasure, receipt=receipt)
    return render(request, "me/erasure.html", {"erasure": erasure})
