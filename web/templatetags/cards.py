"""The figures of judges' cards as a researcher reads them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html

from web.templatetags.figures import dash, figure, percent

register = template.Library()


@register.simple_tag
def estimate(row: Mapping[str, Any], *, is_share: bool) -> str:
    """A figure, how many units it rests on and its interval; for none, a dash with its reason."""
    if row["value"] is None:
        return dash(row.get("reason", ""))
    shown = percent if is_share else figure
    between = f" [{shown(row['low'])}, {shown(row['high'])}]" if _has_interval(row) else ""
    return format_html(
        '{}<br><span class="quiet small shared">n {}{}</span>',
        shown(row["value"]),
        f"{row['n']:,}",
        between,
    )


def _has_interval(row: Mapping[str, Any]) -> bool:
    return row.get("low") is not None
