"""A file for download, whole or in part (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK = 256 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def ranged_file(path: Path, *, etag: str, range_header: str) -> HttpResponseBase:
    """The file, or the one byte range asked for; several ranges get the whole file."""
    size = path.stat().st_size
    asked = RANGE.fullmatch(range_header.strip())
    if not asked or asked.groups() == ("", ""):
        response: HttpResponseBase = FileResponse(
            path.open("rb"), as_attachment=True, filename=path.name
        )
    else:
        response = _part(path, size, *_bounds(asked, size))
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    """First byte, and one past the last; the first may lie behind the end."""
    first, last = asked.groups()
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _part(path: Path, size: int, start: int, end: int) -> HttpResponseBase:
    if start >= end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    return StreamingHttpResponse(
        _bytes(path, start, end),
        status=206,
        headers={
            "Content-Range": f"bytes {start}-{end - 1}/{size}",
            "Content-Length": str(end - start),
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{path.name}"',
        },
    )


def _bytes(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
