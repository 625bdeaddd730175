"""What stands below every page: whom to ask, and where to report a concern."""

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import get_language

from studies.care import contact_of
from studies.models import ConsentScope, Study
from studies.rules import takes_part
from web.participants import participant_in, participants_of

register = template.Library()

OWN_PAGES = ("home", "me", "queue")
MOST_LINKS = 10
RESEARCHERS = "studies/"
"""Pages below this address are not a participant's."""


@register.inclusion_tag("components/care.html", takes_context=True)
def care(context: dict[str, Any]) -> dict[str, Any]:
    """The contact of the page's study, or of the site; who takes part can report something."""
    request, study = context.get("request"), context.get("study")
    if request is None or not isinstance(study, Study) or _is_for_researchers(request):
        return {"contact": settings.SITE_CONTACT, **_of_all_studies(request)}
    participant = participant_in(request, study)
    return {
        "contact": contact_of(study, get_language() or "") or settings.SITE_CONTACT,
        "study": study,
        "may_report": participant is not None and takes_part(participant),
        "path": request.path,
    }


def _of_all_studies(request: Any) -> dict[str, Any]:
    """On a person's own pages, which are no single study's: a link for each they take part in."""
    match = getattr(request, "resolver_match", None)
    if not match or match.url_name not in OWN_PAGES:
        return {}
    people = participants_of(request).consented(ConsentScope.TAKE_PART)
    found = people[:MOST_LINKS]
    return {"studies": {row.study_id: row.study for row in found}.values(), "path": request.path}


def _is_for_researchers(request: Any) -> bool:
    match = getattr(request, "resolver_match", None)
    return bool(match and match.route.startswith(RESEARCHERS))
