"""Forms of more than the site takes: refused with what is too much, and the rest to copy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults

from web.kept_words import KeptWords, kept_words, label_of

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
REFUSED = (*TOO_MUCH, MultiPartParserError)
FORM = "application/x-www-form-urlencoded"
LONGEST_SHOWN = 20_000
"""Bytes of a field as it was sent; a longer one is only named."""
MOST_READ = 32 << 20
MOST_FIELDS = 5_000
PIECE = 1 << 16


@dataclass
class Sent:
    """A form that is too much: its fields, and the names and sizes of those that are too long."""

    fields: QueryDict = field(default_factory=lambda: QueryDict(mutable=True))
    too_long: list[KeptWords] = field(default_factory=list)


class TooMuch:
    """Refuses such a form, or a broken one, before the CSRF check meets it without a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.check = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Read the form where the CSRF check would."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        fault = _fault_of(request)
        if fault is None:
            return None
        if isinstance(fault, MultiPartParserError):
            return defaults.bad_request(request, fault)
        sent = _read(request)
        request.POST = cast(Any, sent.fields)
        # What another site made a browser send is not repeated.
        is_ours = self.check.process_view(request, view, args, kwargs) is None
        return refusal(request, fault, sent if is_ours else Sent())

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The same for views that read their forms themselves."""
        return refusal(request, error, Sent()) if isinstance(error, TOO_MUCH) else None


def refusal(request: HttpRequest, fault: Exception, sent: Sent) -> HttpResponse:
    """What is too much, and what else was answered; 413, or 400 for too many fields."""
    is_large = isinstance(fault, RequestDataTooBig)
    status = 413 if is_large else 400
    sentence = _size_of(request) if is_large else _number_of()
    if "text/html" not in request.headers.get("Accept", "text/html"):
        document = {"code": "too_large", "message": sentence, "fields": {}}
        return JsonResponse({"error": document}, status=status)
    context = {
        "is_large": is_large,
        "sentence": sentence,
        "too_long": sent.too_long,
        "words": kept_words(sent.fields),
        "back": _back(request),
    }
    return render(request, "too_much.html", context, status=status)


def _fault_of(request: HttpRequest) -> Exception | None:
    try:
        len(request.POST)
    except UnreadablePostError:
        return None  # They have left.
    except REFUSED as fault:
        return fault
    return None


def _size_of(request: HttpRequest) -> str:
    sizes = {
        "size": filesizeformat(request.META.get("CONTENT_LENGTH") or 0),
        "most": filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
    }
    return _("What you sent is too large: %(size)s, and at most %(most)s can be taken.") % sizes


def _number_of() -> str:
    most = {"most": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}
    return _("What you sent has too many fields: at most %(most)s can be taken at once.") % most


def _back(request: HttpRequest) -> str:
    """The page that the form stood on, as far as the browser tells."""
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else "/"


def _read(request: HttpRequest) -> Sent:
    """Its fields, without ever holding a long one; nothing of an upload or of far too much."""
    sent = Sent()
    size = request.META.get("CONTENT_LENGTH") or ""
    if request.content_type != FORM or not size.isdigit() or int(size) > MOST_READ:
        return sent
    for begun, length in islice(_pairs(request), MOST_FIELDS):
        name, text = (unquote_plus(part.decode("ascii", "replace")) for part in _parted(begun))
        if length > LONGEST_SHOWN:
            sent.too_long.append(KeptWords(label_of(name), filesizeformat(length)))
        else:
            sent.fields.appendlist(name, text)
    return sent


def _parted(pair: bytes) -> tuple[bytes, bytes]:
    name, _is, text = pair.partition(b"=")
    return name, text


def _pairs(request: HttpRequest) -> Iterator[tuple[bytes, int]]:
    """How each pair of name and text begins, and how long it is."""
    begun, length = b"", 0
    while piece := request.read(PIECE):
        *ended, last = piece.split(b"&")
        for part in ended:
            yield (begun + part)[:LONGEST_SHOWN], length + len(part)
            begun, length = b"", 0
        begun, length = (begun + last)[:LONGEST_SHOWN], length + len(last)
    yield begun, length
