"""Removing what was not shared, whatever else was taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from collection.actions.taking_back import remove_unshared
from releases.personal.overview import unshared_of
from web.participants import participant_or_404


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, conversation: UUID) -> HttpResponse:
    """Ask once more, then delete it for good."""
    participant = participant_or_404(request, slug)
    unshared = get_object_or_404(unshared_of(participant), pk=conversation)
    if request.method != "POST":
        context = {"study": participant.study, "conversation": unshared}
        return render(request, "me/remove.html", context)
    remove_unshared(participant=participant, conversation=unshared.pk)
    messages.success(request, _("The conversation is deleted. Nobody has seen it."))
    return redirect("me_study", slug=slug)
