"""Somebody's own account: what opens it, and where it is open."""

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from web.accounts import has_second_factor, needs_second_factor
from web.participants import signed_in


@require_safe
@login_required
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Password, e-mail, second factor and sessions, each with the way to change it."""
    user = signed_in(request)
    assert user
    has_factor = has_second_factor(user)
    primary = EmailAddress.objects.filter(user=user, primary=True).first()
    context = {
        "has_factor": has_factor,
        "must_enrol": needs_second_factor(user) and not has_factor,
        "email": primary.email if primary else user.email,
    }
    return render(request, "account/account.html", context)
