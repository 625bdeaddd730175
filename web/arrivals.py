"""By what link a browser came to a study: kept in its session until it agrees or goes away."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from studies.models import Study
from studies.recruitment.identities import visitor_of
from studies.recruitment.models import Invitation
from studies.recruitment.panel import Arrival
from studies.recruitment.sealing import Unreadable, seal, unseal
from studies.recruitment.ways import Way
from web.participants import ENTERED, signed_in

ARRIVALS = "arrivals"
"""In the session: study → the sealed ids of a panel's link, as the session's row can be read."""
INVITATIONS = "invitations"
"""In the session: study → the id of an invitation."""
LIFETIME = 4 * 3600
"""Seconds for which a panel's link holds before the person agrees."""


def keep_arrival(request: HttpRequest, study: Study, arrival: Arrival) -> None:
    """Remember who the panel says this is."""
    sealed = seal(arrival.as_values()).decode()
    request.session[ARRIVALS] = request.session.get(ARRIVALS, {}) | {study.slug: sealed}
    _end_soon(request)


def keep_invitation(request: HttpRequest, study: Study, invitation: Invitation) -> None:
    """Remember by which invitation this browser came."""
    kept = request.session.get(INVITATIONS, {}) | {study.slug: str(invitation.pk)}
    request.session[INVITATIONS] = kept
    _end_soon(request)


def way_of(request: HttpRequest, study: Study) -> Way:
    """What the browser brought to this study.

    Raises ValidationError when a panel's link is too old: without it they would not be paid.
    """
    arrival = _arrival(request, study)
    invitation = request.session.get(INVITATIONS, {}).get(study.slug)
    return Way(
        visitor=visitor_of(study, arrival, _session_key(request)),
        arrival=arrival,
        invitation=UUID(invitation) if invitation else None,
        form=form_of(request),
    )


def form_of(request: HttpRequest) -> str:
    """The key of the consent form that was sent; empty where none of ours was."""
    try:
        return str(UUID(request.POST.get("key", "")))
    except ValueError:
        return ""


def forget_way(request: HttpRequest, study: Study) -> None:
    """Drop what the browser brought, once it is a participant or said no."""
    for name in (ARRIVALS, INVITATIONS):
        kept = request.session.get(name, {})
        if kept.pop(study.slug, None):
            request.session[name] = kept


def _arrival(request: HttpRequest, study: Study) -> Arrival | None:
    sealed = request.session.get(ARRIVALS, {}).get(study.slug)
    if sealed is None:
        return None
    try:
        values = unseal(sealed, LIFETIME)
    except Unreadable:
        raise ValidationError(
            _("This link is a while old. Please open the study again from the page that sent you.")
        ) from None
    return Arrival(**values)


def _end_soon(request: HttpRequest) -> None:
    """Let the session of a browser that is nobody yet end with its link; see `remember`."""
    if not (signed_in(request) or request.session.get(ENTERED)):
        request.session.set_expiry(LIFETIME)


def _session_key(request: HttpRequest) -> str:
    if not request.session.session_key:
        _end_soon(request)
        request.session.create()
    return str(request.session.session_key)
