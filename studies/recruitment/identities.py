"""Finding participants by what their panel calls them."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from studies.lookups import among
from studies.models import Participant, Study
from studies.recruitment.models import Entry, PanelIdentity
from studies.recruitment.panel import Arrival
from studies.recruitment.sealing import Unreadable, digest, digests, unseal


def digest_of(study: Study, panel: str, person: str) -> str:
    """The digest under which a person of a panel is kept from now on."""
    return digest(study, f"panel:{panel}", person)


def participant_of(study: Study, arrival: Arrival) -> Participant | None:
    """The participant whom the panel calls so, if they entered this study before."""
    known = digests(study, f"panel:{arrival.panel}", arrival.person)
    found = PanelIdentity.objects.filter(study=study, panel=arrival.panel, digest__in=known)
    identity = found.select_related("participant__study").first()
    return identity.participant if identity else None


def participants_by_id(
    study: Study, panel: str, persons: Collection[str]
) -> dict[str, Participant]:
    """The participants whom the panel calls by these ids; one query."""
    by_digest = {
        known: person
        for person in set(persons)
        for known in digests(study, f"panel:{panel}", person)
    }
    found = PanelIdentity.objects.filter(among("digest", by_digest), study=study, panel=panel)
    rows = found.select_related("participant")
    return {by_digest[row.digest]: row.participant for row in rows}


def same_person_in(study: Study, person: Participant) -> QuerySet[Participant]:
    """Participants of the study who are this person, by account or by a panel's id.

    A panel is the same where its name is. Ids that were forgotten tell nothing any more.
    """
    is_same = Q(user=person.user_id, user__isnull=False)
    identity = PanelIdentity.objects.filter(participant=person).first()
    if identity is not None:
        found = PanelIdentity.objects.filter(
            study=study, panel=identity.panel, digest__in=_digests_elsewhere(study, identity)
        )
        is_same |= Q(pk__in=found.values("participant"))
    return Participant.objects.filter(is_same, study=study)


def _digests_elsewhere(study: Study, identity: PanelIdentity) -> list[str]:
    """The digests under which another study keeps whom a panel calls so."""
    try:
        person = unseal(identity.sealed)["person"]
    except (Unreadable, KeyError):
        return []
    return digests(study, f"panel:{identity.panel}", person)


def form_digest(study: Study, form: str) -> str:
    """The keyed hash under which the key of a consent form is kept; empty without one."""
    return digest(study, "form", form) if form else ""


def participant_by_form(study: Study, form: str) -> Participant | None:
    """Whom a yes on this very form made, while its entry is kept.

    A second press of the button may arrive when the session it was sent with is renamed already.
    """
    if not form:
        return None
    found = Entry.objects.filter(study=study, form__in=digests(study, "form", form))
    entry = found.filter(participant__isnull=False).select_related("participant__study").first()
    return entry.participant if entry else None


def visitor_of(study: Study, arrival: Arrival | None, session_key: str) -> str:
    """The keyed hash under which an entry stands: of the panel's id, else of the session's name."""
    who = f"{arrival.panel}:{arrival.person}" if arrival else session_key
    return digest(study, "visitor", who)
