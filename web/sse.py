"""Server-sent events: the lines of a stream, and where a page that comes back left off."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

CONTENT_TYPE = "text/event-stream"
RETRY = "retry: 1000\n\n"
"""How long a browser waits, in milliseconds, before it comes back."""
ALIVE = ": still here\n\n"
"""A comment, so that proxies do not take silence for the end."""


def event(name: str, data: Any, id: str = "") -> str:
    """One event; the data travels as JSON, so it holds no line break."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


@dataclass(frozen=True)
class Place:
    """How much of which replies a page shows: `3.0-120-80` is their marker and the characters."""

    marker: str
    offsets: tuple[int, ...]

    def __str__(self) -> str:
        return "-".join([self.marker, *map(str, self.offsets)])


WRITTEN = re.compile(r"(\d{1,6}\.\d{1,6})((?:-\d{1,7}){0,8})")


def place_in(text: str) -> Place | None:
    """The place that such a text names; None for any other text."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        return None
    return Place(found[1], tuple(int(part) for part in found[2].split("-")[1:]))


def asked_place(request: HttpRequest) -> Place | None:
    """Where the page left off: a browser that comes back says so itself, else the address does."""
    return place_in(request.headers.get("Last-Event-ID") or request.GET.get("after", ""))
