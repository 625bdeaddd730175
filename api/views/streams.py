"""Answers too long to hold in memory."""

from collections.abc import Iterator
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from rest_framework.request import Request

from releases.sending import one_by_one


def streamed(request: Request, parts: Iterator[bytes], **options: Any) -> StreamingHttpResponse:
    """The parts as they are made, under either kind of server."""
    is_asynchronous = isinstance(request._request, ASGIRequest)
    return StreamingHttpResponse(one_by_one(parts) if is_asynchronous else parts, **options)
