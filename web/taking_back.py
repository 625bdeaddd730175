"""What somebody allowed as they see it, and what taking back each scope means."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studies.models import Consent, ConsentScope, Participant
from studies.rules import takes_part
from web.consent import SCOPES

WHAT_FOLLOWS: dict[str, Promise] = {
    ConsentScope.TAKE_PART: _(
        "You are asked nothing more, and machine work about you that waits is stopped. What you"
        " allowed beside it holds until you take that back too, or leave the study."
    ),
    ConsentScope.CONVERSE: _(
        "No new conversation begins and no more replies come. What was said so far stays yours to"
        " review."
    ),
    ConsentScope.PEERS: _(
        "What you shared leaves everybody's queue at once. What others answered until now stays."
    ),
    ConsentScope.MODELS: _(
        "Nothing more is sent to models of third parties, and what waits to be sent is stopped."
    ),
    ConsentScope.PUBLISH_WORDS: _(
        "The next release leaves your words out and tells that they were taken back. Releases that"
        " are out stay as they are."
    ),
    ConsentScope.PUBLISH_RATINGS: _(
        "The next release leaves your answers out and tells that they were taken back. Releases"
        " that are out stay as they are."
    ),
    ConsentScope.CONTACT: _("Nobody writes to you any more."),
}


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One yes of somebody's, in force or taken back."""

    consent: Consent
    words: Promise
    is_given_again_at: str = ""
    """Name of the page that lets them allow it again; empty where nothing does."""


def consent_lines(participant: Participant) -> list[ConsentLine]:
    """All of them, the earliest of a scope first; only the last can be allowed again."""
    rows = list(participant.consents.order_by("scope", "given_at", "pk"))
    in_force = {row.scope for row in rows if row.withdrawn_at is None}
    last = {row.scope: row.pk for row in rows}
    again = {scope: page_to_allow(participant, scope) for scope in last if scope not in in_force}
    return [
        ConsentLine(row, SCOPES[row.scope], again.get(row.scope, ""))
        if last[row.scope] == row.pk
        else ConsentLine(row, SCOPES[row.scope])
        for row in rows
    ]


def page_to_allow(participant: Participant, scope: str) -> str:
    """Where a scope can be allowed again: the door asks for taking part, with its text."""
    study = participant.study
    if not study.is_open or participant.left_at or participant.basis != Participant.Basis.PLATFORM:
        return ""
    if scope == ConsentScope.TAKE_PART or not takes_part(participant):
        return "door"
    asked = (study.document.get("consent") or {}).get("scopes", ConsentScope.values)
    return "allow" if scope in asked else ""


def scopes_with(participant: Participant, scope: str) -> set[str]:
    """What is in force, and one more."""
    rows = participant.consents.filter(withdrawn_at__isnull=True)
    return {*rows.values_list("scope", flat=True), scope}
