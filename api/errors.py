"""One shape for every refusal: `{"error": {"code", "message", "fields"}}`."""

import sys
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.http.request import HttpRequest
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from annotation.eligibility import NotEligible
from annotation.errors import AlreadySubmitted, NotYours, StaleFence, StudyClosed, TakenBack
from work.connections import is_away

REFUSALS: dict[type[Exception], tuple[int, str]] = {
    TakenBack: (status.HTTP_409_CONFLICT, "taken_back"),
    StaleFence: (status.HTTP_409_CONFLICT, "stale_fence"),
    AlreadySubmitted: (status.HTTP_409_CONFLICT, "already_submitted"),
    NotYours: (status.HTTP_404_NOT_FOUND, "not_found"),
    StudyClosed: (status.HTTP_403_FORBIDDEN, "study_closed"),
    NotEligible: (status.HTTP_403_FORBIDDEN, "not_eligible"),
    PermissionDenied: (status.HTTP_403_FORBIDDEN, "permission_denied"),
}
AGAIN_SECONDS = 10
"""After which to ask again while the database is away."""
TOO_LARGE = "The body is too large. A bundle, which is read as a stream, may be of any size."


def as_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any refusal as JSON; None lets a programming error be one."""
    if isinstance(error, ValidationError):
        set_rollback()
        return _response(422, "invalid", *_faults(error))
    if isinstance(error, RequestDataTooBig):
        return _response(413, "too_large", TOO_LARGE, {})
    for kind, (code, name) in REFUSALS.items():
        if isinstance(error, kind):
            set_rollback()
            return _response(code, name, str(error) or "This is not allowed.", {})
    response = exception_handler(error, context)
    if response is None:
        return None
    answer = _of_framework(error, response)
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response:
            answer[header] = response[header]
    return answer


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """An address of the API that leads nowhere."""
    return JsonResponse(document("not_found", "There is nothing here."), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw: in the one shape for programs, as a page for people.

    That the database is away for a moment is said as such.
    """
    if is_away(sys.exc_info()[1]):
        return _unavailable(request)
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    sentence = "Something went wrong on our side. It is on record; nothing was half-stored."
    return JsonResponse(document("server_error", sentence), status=500)


def _unavailable(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        sentence = "The site cannot answer for a moment. Nothing was half-stored; ask again soon."
        answer: HttpResponse = JsonResponse(document("unavailable", sentence), status=503)
    else:
        answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def document(code: str, message: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one shape."""
    return {"error": {"code": code, "message": message, "fields": fields or {}}}


def _response(code: int, name: str, message: str, fields: dict[str, Any]) -> Response:
    return Response(document(name, message, fields), status=code)


def _faults(error: ValidationError) -> tuple[str, dict[str, Any]]:
    """A sentence for the whole, and the sentences by field where there are fields."""
    if hasattr(error, "error_dict"):
        fields = error.message_dict
        key, sentences = next(iter(fields.items()))
        return f"{key}: {sentences[0]}", fields
    return " ".join(error.messages), {}


def _of_framework(error: Exception, response: Response) -> Response:
    if isinstance(error, Http404):
        return _response(404, "not_found", "There is nothing here.", {})
    if not isinstance(error, APIException):
        return _response(response.status_code, "error", str(error), {})
    detail = error.detail
    if isinstance(detail, dict):
        key, sentences = next(iter(detail.items()))
        first = sentences[0] if isinstance(sentences, list) else sentences
        return _response(error.status_code, "invalid", f"{key}: {first}", dict(detail))
    sentence = " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)
    return _response(error.status_code, str(error.default_code), sentence, {})
