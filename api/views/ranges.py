"""A file for download, whole or in part (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from api.errors import document

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def ranged_file(request: Request, path: Path, *, sha256: str) -> HttpResponseBase:
    """The file, or the one byte range asked for; several ranges get the whole file."""
    size = path.stat().st_size
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not asked or asked.groups() == ("", ""):
        start, end, status = 0, size, 200
    else:
        start, end = _bounds(asked, size)
        status = 206
    if status == 206 and start >= end:
        fault = document("range_not_satisfiable", f"The file has {size} bytes.")
        headers = {"Content-Range": f"bytes */{size}"}
        return JsonResponse(fault, status=416, headers=headers)
    response = StreamingHttpResponse(
        _bytes(path, start, end),
        status=status,
        headers={
            "Content-Length": str(end - start),
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{path.name}"',
            "ETag": f'"{sha256}"',
            "Accept-Ranges": "bytes",
        },
    )
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    """First byte, and one past the last; the first may lie behind the end."""
    first, last = asked.groups()
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _bytes(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
