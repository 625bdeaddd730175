"""Every address of the site, read from the URLconf, with the objects its parameters stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>.*?\)(?=[-/$])")


@dataclass(frozen=True, slots=True)
class Route:
    """One pattern of the URLconf."""

    name: str
    """With its namespace; the pattern itself where nobody named it."""
    pattern: str

    @property
    def parameters(self) -> list[str]:
        """What has to be filled in."""
        return PLACE.findall(self.pattern)

    def path(self, values: Mapping[str, Any]) -> str:
        """The address with these values; KeyError names what is missing."""
        return "/" + PLACE.sub(lambda found: str(values[found[1]]), self.pattern)

    @property
    def is_api(self) -> bool:
        """Is it for programs?"""
        return self.pattern.startswith("api/")

    @property
    def is_admin(self) -> bool:
        """Is it one of Django's own pages for operators?"""
        return self.pattern.startswith("admin/")


def routes() -> list[Route]:
    """All of them."""
    return list(_walk(get_resolver().url_patterns, "", ()))


def _walk(patterns: list[Any], before: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for one in patterns:
        pattern = before + _plain(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(
                one.url_patterns, pattern, (*spaces, one.namespace) if one.namespace else spaces
            )
        else:
            yield Route(":".join([*spaces, one.name or pattern]), pattern)


def _plain(pattern: Any) -> str:
    """A regular expression written like a path."""
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    return GROUP.sub(r"<\1>", str(pattern)).lstrip("^").rstrip("$")


MISSING: dict[str, Any] = {
    "slug": "nowhere",
    "token": "0" * 32,
    "version": 999,
    "number": 999,
    "name": "nothing.txt",
    "item": "nothing",
    "rater": "nobody",
} | {
    name: UUID(int=4 << 76 | 2 << 62)
    for name in (
        "run_id",
        "assignment_id",
        "release_id",
        "conversation",
        "reply",
        "donation",
        "attribute",
        "concern",
        "invitation",
    )
}
"""A value that fits each kind of object, and belongs to none."""

CHOICES: dict[str, Any] = {
    "stage": "extraction",
    "table": "judgments",
    "format_name": "jsonl",
    "key": "0-0",
    "chart": "kappa",
    "uidb36": "0",
    "pk": 1,
    "object_id": 1,
    "app_label": "studies",
    "content_type_id": 1,
    "url": "nothing",
    "receipt": "0" * 20,
    "id": 1,
}
"""Parameters that are no objects of a study."""
