"""Texts of people and models on a page."""

from django import template
from django.utils.safestring import SafeString

from web.markdown.showing import shown

register = template.Library()


@register.filter
def formatted(text: str) -> SafeString:
    """Markdown, code, tables and mathematics, shown safely."""
    return shown(text)
