"""How often somebody may do what is costly or can be guessed at; beyond it a page says to wait."""

import re
import time
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from web.participants import ENTERED, signed_in

View = Callable[..., Any]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DAY = 86_400
READING = ("GET", "HEAD", "OPTIONS")
SOME_TIME = 60
"""Seconds to wait where nobody told how many."""


def limited(
    name: str, rate: str, *, per: str = "person", reading: bool = False
) -> Callable[..., View]:
    """Let each person do what `view` does at most so often: `@limited("entry", "30/m")`.

    `rate` is a number per s, m, h or d, counted in windows of that length that all views of the
    same name share. A person is their account, else the participants their browser entered as,
    else their address; `per="address"` always takes the address. Requests that only read are free
    unless `reading`. Works on plain and asynchronous views, above `part_page` and the like.
    """
    most, window = _parse(rate)

    def decorate(view: View) -> View:
        def refusal(request: HttpRequest) -> HttpResponse | None:
            if request.method in READING and not reading:
                return None
            wait = seconds_to_wait(name, _who(request, per), most, window)
            return too_many(request, seconds=wait) if wait else None

        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return refusal(request) or view(request, *args, **kwargs)

        @wraps(view)
        async def async_page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refused = await sync_to_async(refusal)(request)
            return refused or await view(request, *args, **kwargs)

        return async_page if iscoroutinefunction(view) else page

    return decorate


def seconds_to_wait(name: str, who: str, most: int, window: int) -> int:
    """Count one more; 0 if it is still allowed, else after how many seconds the next one is.

    While the cache counts in the database, requests at the same instant may be counted as one.
    """
    if not settings.RATE_LIMITS:
        return 0
    now = int(time.time())
    key = f"limit:{name}:{now // window}:{who}"
    cache.add(key, 0, timeout=window)
    try:
        count = cache.incr(key)
    except ValueError:  # it was evicted between the two
        return 0
    return 0 if count <= most else window - now % window


def too_many(
    request: HttpRequest, exception: Exception | None = None, *, seconds: int = SOME_TIME
) -> HttpResponse:
    """A sentence, with 429 and after how many seconds to try again."""
    sentence = _sentence(seconds)
    response: HttpResponse
    if "text/html" in request.headers.get("Accept", "text/html"):
        response = render(request, "429.html", {"sentence": sentence}, status=429)
    else:
        document = {"code": "too_many", "message": sentence, "fields": {}}
        response = JsonResponse({"error": document}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _sentence(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "This was done too often in a short time. Nothing is lost: try again in a minute.",
        "This was done too often in a short time. Nothing is lost: try again in %(n)s minutes.",
        minutes,
    ) % {"n": minutes}


def _who(request: HttpRequest, per: str) -> str:
    """A name for whoever asks that can't be led back to an address after its day."""
    if per == "person":
        if user := signed_in(request):
            return f"user-{user.pk}"
        if entered := request.session.get(ENTERED):
            return f"entered-{entered[0]}"
    address = truncate_ip(get_adapter().get_client_ip(request))
    return salted_hmac(f"limits-{int(time.time()) // DAY}", address, algorithm="sha256").hexdigest()


def _parse(rate: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)/(\d*)([smhd])", rate)
    if found is None:
        raise ValueError(f"A rate is written like 30/m, not like {rate}.")
    return int(found[1]), int(found[2] or 1) * UNITS[found[3]]
