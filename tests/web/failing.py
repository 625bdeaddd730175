"""Addresses of a site on which something goes wrong."""

from django.db import connection
from django.db.utils import ConnectionHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler500

__all__ = ["handler500", "urlpatterns"]
NOWHERE = {
    "ENGINE": "django.db.backends.postgresql",
    "HOST": "127.0.0.1",
    "PORT": "1",
    "NAME": "nowhere",
}


def fail(request: HttpRequest) -> HttpResponse:
    """Raise what nobody expects."""
    raise RuntimeError("invented")


def away(request: HttpRequest) -> HttpResponse:
    """Ask a database server that is not there."""
    ConnectionHandler({"default": NOWHERE})["default"].ensure_connection()
    raise AssertionError("somebody listens at port 1")


def wrong(request: HttpRequest) -> HttpResponse:
    """Ask the database for what it does not have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    return HttpResponse()


urlpatterns = [
    path(f"{place}{view.__name__}/", view) for view in (fail, away, wrong) for place in ("", "api/")
]
