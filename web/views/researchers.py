"""Which study a signed-in researcher may look at: any other does not exist for them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from studies.models import Study
from web.participants import signed_in

researchers_only = login_required(login_url="account_login")


def study_or_404(request: HttpRequest, slug: str) -> Study:
    """The study, if whoever asks has a role in it."""
    user = signed_in(request)
    seen = Study.objects.visible_to(user) if user else Study.objects.none()
    return get_object_or_404(seen, slug=slug)


def managed_study_or_404(request: HttpRequest, slug: str) -> Study:
    """The study, if whoever asks may change it."""
    user = signed_in(request)
    managed = Study.objects.managed_by(user) if user else Study.objects.none()
    return get_object_or_404(managed, slug=slug)
