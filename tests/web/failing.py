"""Addresses of a site on which something goes wrong."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def fail(request: HttpRequest) -> HttpResponse:
    """Raise what nobody expects."""
    raise RuntimeError("invented")


urlpatterns = [path("fail/", fail)]
