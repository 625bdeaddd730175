"""A name for every request, to find it again in the log: the caller's own, or a new one."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from work.traces import begin

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestIds:
    """Notes the id for all that is logged on behalf of the request, and sends it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        name = given if SANE.fullmatch(given) else str(uuid4())
        # Not only while it lasts: Django logs an error after the last middleware is done.
        begin(request_id=name)
        response = self.get_response(request)
        response[HEADER] = name
        return response
