"""Whole addresses of links that are secrets: an invitation's, and a participant's way back."""

from django.http import HttpRequest
from django.urls import reverse

from studies.models import Participant, Study
from studies.recruitment.resuming import token_for


def link_back(request: HttpRequest, participant: Participant) -> str:
    """By which a participant comes back on another device; empty for those with an account."""
    if participant.user_id:
        return ""
    path = reverse("back", args=[participant.study.slug, token_for(participant)])
    return request.build_absolute_uri(path)


def invitation_link(request: HttpRequest, study: Study, secret: str) -> str:
    """The link to hand to whoever is invited."""
    return request.build_absolute_uri(reverse("invitation", args=[study.slug, secret]))
