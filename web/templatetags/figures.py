"""Numbers as a researcher reads them; what is undefined stays undefined."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from web.runs_page import RunLine

register = template.Library()

UNDEFINED = "–"


@register.filter
def figure(value: float | None) -> str:
    """Two decimals with a true minus sign."""
    shown = UNDEFINED if value is None else f"{value:.2f}".replace("-", "−")
    return "0.00" if shown == "−0.00" else shown


@register.filter
def percent(value: float | None) -> str:
    """A share as a whole number of hundredths."""
    return UNDEFINED if value is None else f"{value:.0%}"


@register.simple_tag
def measured(
    document: Mapping[str, Any], row: Mapping[str, Any], key: str, *, as_percent: bool = False
) -> str:
    """A figure of an agreement document or of one of its rows; for none, a dash with its reason."""
    value = row[key]
    if value is not None:
        return percent(value) if as_percent else figure(value)
    return dash(_reason(document, row, key))


@register.simple_tag
def between(row: Mapping[str, Any], key: str) -> str:
    """The ends of a figure's interval in brackets; nothing where there is none."""
    ends = row["intervals"].get(key)
    if not ends:
        return ""
    shown = f"[{figure(ends[0])}, {figure(ends[1])}]"
    return format_html('<br><span class="quiet small between">{}</span>', shown)


@register.simple_tag
def because(reason: str) -> str:
    """The dash of a figure that does not exist, with its reason."""
    return dash(reason)


@register.filter
def plain(value: float) -> str:
    """For scripts, whatever the language."""
    return f"{value:.6f}"


@register.simple_tag
def no_pair() -> str:
    """The dash of two kinds of raters who share no item."""
    return dash(_("no two of them judged the same item"))


def dash(reason: str) -> str:
    """What stands for a figure that does not exist; its reason on pointing and for readers."""
    if not reason:
        return UNDEFINED
    return format_html(
        '<span title="{}">{}<span class="unseen"> {}</span></span>', reason, UNDEFINED, reason
    )


def _reason(document: Mapping[str, Any], row: Mapping[str, Any], key: str) -> str:
    """Why the figure does not exist; what the question itself rules out is noted once for all."""
    of = f" of the group {row['group']}" if "group" in row else ""
    of = f" of {row['rater']}" if "rater" in row else of
    reasons = {gap["figure"]: gap["reason"] for gap in document["undefined"]}
    return str(reasons.get(key + of) or reasons.get(key, ""))


@register.filter
def atleast0(value: float) -> str:
    """For a bar, which cannot show less than nothing; the number beside it can."""
    return f"{max(0.0, value):.3f}"


@register.filter
def running(lines: Iterable[RunLine]) -> bool:
    """Whether any of these runs still goes on."""
    return any(line.is_running for line in lines)
