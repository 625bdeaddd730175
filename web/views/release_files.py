"""The files of a release, for those with a role in its study."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path

from django.http import (
    Http404,
    HttpRequest,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from releases.models import Release
from releases.queries import TOMBSTONES, is_withdrawn, released_file, tombstone_lines
from web.views.researchers import researchers_only, study_or_404

CHUNK = 256 * 1024


@require_safe
@researchers_only
def download(request: HttpRequest, slug: str, version: int, name: str) -> HttpResponseBase:
    """One file, under a name that says where it comes from; its ETag is its SHA-256."""
    study = study_or_404(request, slug)
    releases = Release.objects.select_related("study")
    release = get_object_or_404(releases, study=study, version=version)
    if is_withdrawn(release):
        return _withdrawn(request, release, name)
    file = released_file(release, name)
    if file is None or not file.path.is_file():
        raise Http404
    etag = f'"{file.sha256}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        saved_as = f"{study.slug}-v{version}-{name.replace('/', '-')}"
        response = _sent(file.path, saved_as)
    response["ETag"] = etag
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return response


def _withdrawn(request: HttpRequest, release: Release, name: str) -> HttpResponseBase:
    """Of a withdrawn release there is only the list of what copies of it must delete."""
    if name != TOMBSTONES:
        return render(request, "studies/withdrawn.html", {"release": release}, status=410)
    saved_as = f"{release.study.slug}-v{release.version}-{name}"
    return StreamingHttpResponse(
        tombstone_lines(release),
        content_type="application/x-ndjson",
        headers={"Content-Disposition": content_disposition_header(True, saved_as) or ""},
    )


def _sent(path: Path, saved_as: str) -> StreamingHttpResponse:
    """The file in pieces, so that its size does not matter."""
    return StreamingHttpResponse(
        _pieces(path),
        content_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        headers={
            "Content-Length": str(path.stat().st_size),
            "Content-Disposition": content_disposition_header(True, saved_as) or "attachment",
        },
    )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
