"""A study's title in the language of whoever reads it."""

from django import template
from django.utils.translation import get_language

from studies.models import Study

register = template.Library()


@register.filter
def title_of(study: Study) -> str:
    """In the language of the page, if the study speaks it; else in its own, else its slug."""
    asked = get_language() or ""
    spoken = (tag for tag in (asked, asked.split("-")[0]) if tag in study.languages)
    return study.text("title", next(spoken, "")) or study.slug
