"""Which study a signed-in researcher may look at: any other does not exist for them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from studies.models import Study
from web.participants import signed_in

View = Callable[..., HttpResponseBase]

STOP_ASKING = 286
"""By which htmx knows that it need not ask again."""


def researchers_only(view: View) -> View:
    """For who has signed in; others do so first, or are told so by the part that a page asked for.

    A page that asks again by itself outlives the session: the sign-in page has no place in it.
    """
    signs_in_first: View = login_required(view, login_url="account_login")

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_asked_by_page = request.method == "GET" and getattr(request, "htmx", False)
        if is_asked_by_page and signed_in(request) is None:
            return _signed_out(request)
        return signs_in_first(request, *args, **kwargs)

    return guarded


def _signed_out(request: HttpRequest) -> HttpResponse:
    """A sentence above what the page shows already."""
    page = request.htmx.current_url_abs_path  # type: ignore[attr-defined]  # by its middleware
    response = render(request, "studies/signed_out.html", {"page": page}, status=STOP_ASKING)
    response["HX-Reswap"] = "afterbegin"
    add_never_cache_headers(response)
    return response


def done_from(page: str, *names: str) -> Callable[[View], View]:
    """For what a form on a page does: who only opens its address is led to that page.

    So is who signs in after a press that came too late. `names` are the page's parameters.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in ("GET", "HEAD"):
                return view(request, *args, **kwargs)
            if "slug" in names:
                study_or_404(request, kwargs["slug"])
            return HttpResponseRedirect(
                reverse(page, kwargs={name: kwargs[name] for name in names})
            )

        return guarded

    return decorated


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
