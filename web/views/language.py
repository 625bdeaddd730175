"""Choosing the language of the pages; a participant's choice is theirs wherever they come back."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from studies.actions.languages import choose_language
from web.participants import participants_of


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Set the cookie, lead back to the page, and note it wherever a study speaks it."""
    answer: HttpResponse = set_language(request)
    for participant in participants_of(request):
        choose_language(participant=participant, language=request.POST.get("language", ""))
    return answer
