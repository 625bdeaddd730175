"""Numbers as a researcher reads them; what is undefined stays undefined."""

from collections.abc import Iterable

from django import template

from web.study_page import RunLine

register = template.Library()

UNDEFINED = "–"


@register.filter
def figure(value: float | None) -> str:
    """Two decimals with a true minus sign."""
    return UNDEFINED if value is None else f"{value:.2f}".replace("-", "−")


@register.filter
def percent(value: float | None) -> str:
    """A share as a whole number of hundredths."""
    return UNDEFINED if value is None else f"{value:.0%}"


@register.filter
def atleast0(value: float) -> str:
    """For a bar, which cannot show less than nothing; the number beside it can."""
    return f"{max(0.0, value):.3f}"


@register.filter
def running(lines: Iterable[RunLine]) -> bool:
    """Whether any of these runs still goes on."""
    return any(line.is_running for line in lines)
