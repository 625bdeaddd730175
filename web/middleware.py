"""What holds for every page: kept out of caches, sessions that end, a second factor for some."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from studies.models import User
from studies.running import runs_studies
from web.accounts import has_second_factor, needs_second_factor, used_second_factor
from web.limits import SOME_TIME
from web.participants import signed_in

Answer = Callable[[HttpRequest], HttpResponseBase]

PROGRAMS = "/api/"

LEAVING = {
    "account_logout",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
}
"""Pages for who has a second factor, but was not asked for it in this session."""

ENROLLING = {
    *LEAVING,
    "account",
    "account_reauthenticate",
    "account_email",
    "account_confirm_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}
"""Pages for who has none yet."""

NOTED_EVERY = 60
"""Seconds between two notes of when somebody was last here: not every page costs a write."""


class OnlyForYou:
    """Keeps answers out of caches and other sites, and programs from speaking in the clear."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = _in_the_clear(request) or _nowhere(request) or self.get_response(request)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.status_code == 429:
            response.setdefault("Retry-After", str(SOME_TIME))
        if _has_credentials(request) and "no-store" not in response.get("Cache-Control", ""):
            add_never_cache_headers(response)
        return response


class SessionEnds:
    """Signs out who runs studies, 12 hours after they began or 30 minutes after the last page.

    Fragments that a page fetches by itself do not count as somebody being there.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = signed_in(request)
        if user and runs_studies(user):
            if self._is_over(request):
                return _signed_out(request)
            self._note(request)
        return self.get_response(request)

    def _is_over(self, request: HttpRequest) -> bool:
        began, seen = request.session.get("times", (time.time(), time.time()))
        now = time.time()
        is_old = now - began > settings.CAREFUL_SESSION_SECONDS
        return bool(is_old or now - seen > settings.CAREFUL_IDLE_SECONDS)

    def _note(self, request: HttpRequest) -> None:
        now = time.time()
        began, seen = request.session.get("times", (now, 0))
        fetches = request.method == "GET" and "HX-Request" in request.headers
        if now - seen > NOTED_EVERY and not fetches:
            request.session["times"] = (began, now)


class SecondFactor:
    """Lets those who need a second factor nowhere but to where they set it up or show it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Before every view but those of the API, whose tokens are factors of their own."""
        user = signed_in(request)
        if user is None or request.path.startswith(PROGRAMS):
            return None
        if used_second_factor(request, user) or not needs_second_factor(user):
            return None
        return _ask_for_it(request, user) if has_second_factor(user) else _enrol(request)


def _ask_for_it(request: HttpRequest, user: User) -> HttpResponse | None:
    if _page_of(request) in LEAVING:
        return None
    has_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    page = "mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn"
    sentence = _("Show your second factor first: open any page of the site anew.")
    return _refusal(request, sentence) or _to(page, request)


def _enrol(request: HttpRequest) -> HttpResponse | None:
    if _page_of(request) in ENROLLING:
        return None
    sentence = _("Your account needs a second factor first: open your account's page.")
    return _refusal(request, sentence) or redirect("mfa_index")


def _signed_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    sentence = _("You were signed out, as you were away for long. Sign in again in another tab.")
    return _refusal(request, sentence) or _to("account_login", request)


def _refusal(request: HttpRequest, sentence: str) -> HttpResponse | None:
    """For scripts, which can't be led to another page."""
    if "HX-Request" in request.headers:
        return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
    if "text/html" not in request.headers.get("Accept", "text/html"):
        return JsonResponse(_document("permission_denied", sentence), status=403)
    return None


def _to(page: str, request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return redirect(page)
    return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")


def _page_of(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None


def _in_the_clear(request: HttpRequest) -> HttpResponse | None:
    if not settings.IS_HTTPS or request.is_secure() or not request.path.startswith(PROGRAMS):
        return None
    sentence = "This API is only spoken over https. Replace the token: it was sent in the clear."
    return JsonResponse(_document("insecure", sentence), status=403)


def _nowhere(request: HttpRequest) -> HttpResponse | None:
    """No address holds a NUL, which PostgreSQL refuses to look for."""
    if "\x00" not in request.path:
        return None
    return HttpResponse("There is nothing here.", status=404, content_type="text/plain")


def _document(code: str, sentence: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": sentence, "fields": {}}}


def _has_credentials(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
