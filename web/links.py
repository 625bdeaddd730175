"""Whole addresses of links that are secrets: an invitation's, and a participant's way back."""

from django.http import HttpRequest
from django.urls import reverse

from studies.models import Participant, Study
from studies.recruitment.resuming import token_for

OPEN_LINK = "open_link"
"""In the session: the study whose next page shows the link back at once."""


def link_back(request: HttpRequest, participant: Participant) -> str:
    """By which a participant comes back on another device; empty for those with an account."""
    if participant.user_id:
        return ""
    path = reverse("back", args=[participant.study.slug, token_for(participant)])
    return request.build_absolute_uri(path)


def open_link_once(request: HttpRequest, participant: Participant) -> None:
    """Let the page that comes next show the link back without being asked."""
    request.session[OPEN_LINK] = participant.study.slug


def is_link_open(request: HttpRequest, participant: Participant) -> bool:
    """Shall this page show it? Asking takes the note away."""
    return OPEN_LINK in request.session and (
        request.session.pop(OPEN_LINK) == participant.study.slug
    )


def invitation_link(request: HttpRequest, study: Study, secret: str) -> str:
    """The link to hand to whoever is invited."""
    return request.build_absolute_uri(reverse("invitation", args=[study.slug, secret]))
